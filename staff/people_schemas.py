"""What comes in and goes out about people, their sessions, and programs' keys."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from halls.fields import TEXT_PATTERN, Id
from o2o.kernel.paging import PageQuery
from staff.passwords import LONGEST, SHORTEST
from staff.schemas import Right
from staff.states import EVERYWHERE, Role

SCOPE_PATTERN: Final = r"^(\*|[a-z0-9][a-z0-9-]{0,39})$(?!\n)"

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=TEXT_PATTERN)]
Username = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$(?!\n)")]
Password = Annotated[str, Meta(min_length=SHORTEST, max_length=LONGEST)]
Scope = Annotated[str, Meta(pattern=SCOPE_PATTERN, description="A hall's, province's or place's id; * for hq.")]


class GivenRole(Struct, frozen=True, forbid_unknown_fields=True):
    """A role to give, and where; `counter` is where a clerk usually sits."""

    role: Role
    scope: Scope = EVERYWHERE
    counter: Id | None = None


class NewPerson(Struct, frozen=True, forbid_unknown_fields=True):
    username: Username
    name: Name
    password: Password
    roles: Annotated[tuple[GivenRole, ...], Meta(min_length=1, max_length=50)]


class GivenRoles(Struct, frozen=True, forbid_unknown_fields=True):
    """All the roles that the person has from now on."""

    roles: Annotated[tuple[GivenRole, ...], Meta(max_length=50)]


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    password: Password


class PersonRow(Struct, frozen=True):
    """`pin`: whether they have set one."""

    username: str
    name: str
    roles: tuple[Right, ...]
    disabled: bool
    pin: bool


class PersonList(Struct, frozen=True):
    people: list[PersonRow]
    next_cursor: str | None


class SessionRow(Struct, frozen=True):
    """An open session; its `id` opens nothing."""

    id: str
    username: str
    name: str
    kind: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    locked: bool


class SessionList(Struct, frozen=True):
    sessions: list[SessionRow]
    next_cursor: str | None


class NewKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A right for a program, no wider than its maker's. A `read_only` one may ask (GET) and change nothing."""

    name: Name
    role: Role
    scope: Scope = EVERYWHERE
    read_only: bool = False
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class KeyRow(Struct, frozen=True):
    id: str
    name: str
    role: Role
    scope: str
    read_only: bool
    made_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def right(self) -> Right:
        return Right(self.role, self.scope)


class KeyMade(KeyRow, frozen=True, kw_only=True):
    """As `KeyRow`, and the `token` for `Authorization: Bearer`, told this once."""

    token: str


class KeyList(Struct, frozen=True):
    keys: list[KeyRow]
    next_cursor: str | None


class HallPageQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """Of which hall; without one, of all (headquarters)."""

    hall: Id | None = None

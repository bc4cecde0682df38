"""What comes in and goes out of staff, and `Staff`: who a request is from."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from staff.states import COVERS, EVERYWHERE, Role


class Right(msgspec.Struct, frozen=True, omit_defaults=True):
    """A role and where it holds: a hall, a province, a place with stock, or everywhere (`*`).

    `counter` is where a clerk usually sits.
    """

    role: Role
    scope: str
    counter: str | None = None


class Staff(msgspec.Struct, frozen=True):
    """A member of staff who is signed in, or a program with the `key` that one made; it may be `read_only`.

    `session` is the session's id, `csrf` what unsafe requests of a browser must carry. `provinces` has the halls of
    each province that a grant names, as they were a moment ago. `locked`: a PIN must come before anything else; `pin`:
    there is one. A key may have no end.
    """

    id: int
    username: str
    name: str
    grants: tuple[Right, ...]
    session: str
    csrf: str
    provinces: Mapping[str, frozenset[str]] = {}
    key: str | None = None
    read_only: bool = False
    expires_at: datetime | None = None
    locked: bool = False
    pin: bool = False

    @property
    def principal(self) -> str:
        """Who did it, as events and operation ids name it."""
        return f"staff:{self.username}" if self.key is None else f"key:{self.key}"

    def may(self, role: Role | str, hall: str | None = None) -> bool:
        """Whether some grant covers `role` in `hall` (for a warehouse: that place); without one: anywhere."""
        wanted = Role(role)
        return any(
            wanted in COVERS[right.role] and (hall is None or bool(self._reach(right) & {EVERYWHERE, hall}))
            for right in self.grants
        )

    def halls(self, role: Role | str = Role.CLERK) -> list[str]:
        """The halls where `role` is covered, by id; headquarters have `*`."""
        wanted = Role(role)
        return sorted({hall for right in self.grants if wanted in COVERS[right.role] for hall in self._reach(right)})

    def counter(self) -> str | None:
        """The counter where this clerk usually sits."""
        return next((right.counter for right in self.grants if right.counter), None)

    def _reach(self, right: Right) -> frozenset[str]:
        """The halls or places where a grant holds: for a province those that are in it now, whatever it is called."""
        if right.role is Role.PROVINCE:
            return self.provinces.get(right.scope, frozenset())
        return frozenset({right.scope})


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str


class Unlocking(msgspec.Struct, forbid_unknown_fields=True):
    pin: str


class OwnPin(msgspec.Struct, forbid_unknown_fields=True):
    """A PIN for oneself; the password says that it is oneself."""

    password: str
    pin: str


class OwnPassword(msgspec.Struct, forbid_unknown_fields=True):
    """A `new` password for oneself; the present one says that it is oneself."""

    password: str
    new: str


class SessionAnswer(msgspec.Struct, frozen=True):
    """Who is signed in. `csrf` goes into the header `X-CSRF-Token` of unsafe requests that rely on the cookie."""

    username: str
    name: str
    roles: tuple[Right, ...]
    expires_at: datetime | None
    csrf: str
    locked: bool
    pin: bool


class SignedInAnswer(SessionAnswer, frozen=True, kw_only=True):
    """As `SessionAnswer`, and the `token` for `Authorization: Bearer`, told this once."""

    token: str

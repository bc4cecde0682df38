"""What comes in and goes out of staff, and `Staff`: who a request is from."""

from datetime import datetime

import msgspec

from staff.states import COVERS, EVERYWHERE, Role


class Right(msgspec.Struct, frozen=True, omit_defaults=True):
    """A role in a hall (`*`: everywhere). `counter` is where a clerk usually sits."""

    role: Role
    hall: str
    counter: str | None = None

    def covers(self, role: Role, hall: str | None) -> bool:
        return role in COVERS[self.role] and (hall is None or self.hall in (EVERYWHERE, hall))


class Staff(msgspec.Struct, frozen=True):
    """A member of staff who is signed in.

    `session` is the session's id, `csrf` what unsafe requests of a browser must carry.
    """

    id: int
    username: str
    name: str
    grants: tuple[Right, ...]
    session: str
    csrf: str

    @property
    def principal(self) -> str:
        """Who did it, as events and operation ids name it."""
        return f"staff:{self.username}"

    def may(self, role: Role | str, hall: str | None = None) -> bool:
        """Whether some grant covers `role` in `hall`; without a hall: anywhere."""
        wanted = Role(role)
        return any(right.covers(wanted, hall) for right in self.grants)

    def halls(self, role: Role | str = Role.CLERK) -> list[str]:
        """The halls where `role` is covered by name; headquarters have `*`."""
        wanted = Role(role)
        return sorted({right.hall for right in self.grants if right.covers(wanted, None)})

    def counter(self) -> str | None:
        """The counter where this clerk usually sits."""
        return next((right.counter for right in self.grants if right.counter), None)


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str


class SessionAnswer(msgspec.Struct, frozen=True):
    """Who is signed in. `csrf` goes into the header `X-CSRF-Token` of unsafe requests that rely on the cookie."""

    username: str
    name: str
    roles: tuple[Right, ...]
    expires_at: datetime
    csrf: str


class SignedInAnswer(SessionAnswer, frozen=True, kw_only=True):
    """As `SessionAnswer`, and the `token` for `Authorization: Bearer`, told this once."""

    token: str


class PersonRow(msgspec.Struct, frozen=True):
    """A person as `o2o user list` shows them."""

    username: str
    name: str
    grants: tuple[Right, ...]
    disabled: bool

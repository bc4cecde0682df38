"""What a member of staff may be. Pure."""

import re
from enum import StrEnum
from typing import Final

EVERYWHERE: Final = "*"
"""The scope of headquarters; a clerk's and a manager's scope is a hall's id."""

USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class Role(StrEnum):
    CLERK = "clerk"
    MANAGER = "manager"
    HQ = "hq"


class SessionKind(StrEnum):
    BROWSER = "browser"
    API = "api"


# A manager may what the clerks of the same hall may, headquarters may everything.
COVERS: Final = {
    Role.CLERK: frozenset({Role.CLERK}),
    Role.MANAGER: frozenset({Role.CLERK, Role.MANAGER}),
    Role.HQ: frozenset(Role),
}

"""What a member of staff may be. Pure."""

import re
from enum import StrEnum
from typing import Final

EVERYWHERE: Final = "*"
"""The scope of headquarters. A clerk's and a manager's is a hall, a province's a province, a warehouse's a place."""

USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class Role(StrEnum):
    CLERK = "clerk"
    MANAGER = "manager"
    WAREHOUSE = "warehouse"
    PROVINCE = "province"
    HQ = "hq"


class SessionKind(StrEnum):
    BROWSER = "browser"
    API = "api"


IN_A_HALL: Final = frozenset({Role.CLERK, Role.MANAGER})
# Who gives a role and takes it back: whoever has this one in the same hall. All others are headquarters' to give.
GIVEN_BY: Final = {Role.CLERK: Role.MANAGER, Role.MANAGER: Role.PROVINCE}
# A manager may what the clerks of the same hall may, a province what the managers of its halls may, headquarters may
# everything. A warehouse has no part in halls.
COVERS: Final = {
    Role.CLERK: frozenset({Role.CLERK}),
    Role.MANAGER: frozenset({Role.CLERK, Role.MANAGER}),
    Role.WAREHOUSE: frozenset({Role.WAREHOUSE}),
    Role.PROVINCE: frozenset({Role.CLERK, Role.MANAGER, Role.PROVINCE}),
    Role.HQ: frozenset(Role),
}

"""Who is above whom: which rights one may give, whose affairs one may settle. Pure."""

from collections.abc import Collection, Iterable
from typing import Final

from o2o.kernel.audit import EVERYWHERE, hall_tag
from staff.schemas import Right, Staff
from staff.states import GIVEN_BY, IN_A_HALL, Role

_TAGS: Final = {Role.PROVINCE: "province:{}", Role.WAREHOUSE: "place:{}", Role.HQ: EVERYWHERE}


def holds(staff: Staff, right: Right) -> bool:
    """Whether all that the right allows is allowed to this member of staff too."""
    if right.role in IN_A_HALL:
        return staff.may(right.role, right.scope)
    return staff.may(Role.HQ) or any((own.role, own.scope) == (right.role, right.scope) for own in staff.grants)


def gives(staff: Staff, right: Right) -> bool:
    """Whether this right is theirs to give and to take: it is of those below them."""
    giver = GIVEN_BY.get(right.role)
    return staff.may(giver, right.scope) if giver else staff.may(Role.HQ)


def rules(staff: Staff, rights: Collection[Right]) -> bool:
    """Whether they may settle everything of a person with these rights: all of them are theirs to give.

    Somebody who also works where they have no say is not theirs, nor is a colleague of the same rank.
    """
    return staff.may(Role.HQ) or (bool(rights) and all(gives(staff, right) for right in rights))


def sees(staff: Staff, rights: Iterable[Right]) -> bool:
    """Whether a person with these rights works where they manage, so that they may know of them."""
    return staff.may(Role.HQ) or any(
        staff.may(Role.MANAGER, right.scope) if right.role in IN_A_HALL else holds(staff, right) for right in rights
    )


def tags_of(rights: Iterable[Right]) -> set[str]:
    """Whose audit tells of a person with these rights."""
    return {
        hall_tag(right.scope) if right.role in IN_A_HALL else _TAGS[right.role].format(right.scope) for right in rights
    } or {EVERYWHERE}

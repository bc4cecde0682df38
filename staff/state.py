"""What staff need of the application's state: the halls, to know which are in a province."""

from collections.abc import Iterable, Mapping

from halls.service import Directory
from o2o.kernel.state import KernelState
from staff.schemas import Right
from staff.states import Role


class StaffState(KernelState):
    directory: Directory


async def provinces_of(state: StaffState, rights: Iterable[Right]) -> Mapping[str, frozenset[str]]:
    """The halls of each province that the rights name, as of some seconds ago."""
    named = {right.scope for right in rights if right.role is Role.PROVINCE}
    return {province: await state["directory"].in_province(province) for province in named}

"""Rights that end while a socket is open: a session that is over, a screen that was revoked."""

from collections.abc import Collection

from o2o.kernel.state import KernelState
from staff.schemas import Staff
from staff.service import still_signed_in
from staff.states import Role
from websocket.pairing import seen
from websocket.pairing_schemas import Screen
from websocket.viewers import Viewer


async def ended_rights(state: KernelState, viewers: Collection[Viewer]) -> list[Viewer]:
    """List the viewers whose right has ended. The others' screens are noted as seen."""
    screens = {viewer.holder.id for viewer in viewers if isinstance(viewer.holder, Screen)}
    alive = await seen(screens, state["clock"]()) if screens else set()
    return [viewer for viewer in viewers if not await _holds(state, viewer, alive)]


async def _holds(state: KernelState, viewer: Viewer, alive: Collection[str]) -> bool:
    match viewer.holder:
        case Screen(id=screen):
            return screen in alive
        case Staff() as staff:
            now = await still_signed_in(state, staff)
            return now is not None and now.may(Role.CLERK, viewer.hall)
        case _:
            return True

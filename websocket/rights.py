"""Rights that end while a socket is open: a session that is over, a screen that was revoked."""

from collections.abc import Collection, Mapping

from staff.schemas import Staff
from staff.service import still_signed_in
from staff.state import StaffState
from staff.states import Role
from websocket.pairing import seen
from websocket.pairing_schemas import Screen
from websocket.viewers import Viewer


async def ended_rights(state: StaffState, viewers: Collection[Viewer]) -> list[Viewer]:
    """List the viewers whose right has ended. The others' screens are noted as seen."""
    screens = {viewer.holder.id for viewer in viewers if isinstance(viewer.holder, Screen)}
    people = {viewer.holder.session: viewer.holder for viewer in viewers if isinstance(viewer.holder, Staff)}
    alive = await seen(screens, state["clock"]()) if screens else set()
    signed_in = {session: await still_signed_in(state, staff) for session, staff in people.items()}
    return [viewer for viewer in viewers if not _holds(viewer, alive, signed_in)]


def _holds(viewer: Viewer, alive: Collection[str], signed_in: Mapping[str, Staff | None]) -> bool:
    match viewer.holder:
        case Screen(id=screen):
            return screen in alive
        case Staff(session=session):
            staff = signed_in[session]
            return staff is not None and staff.may(Role.CLERK, viewer.hall)
        case _:
            return True

"""Rights that end while a socket is open: a session that is over or locked, a screen that was revoked."""

from collections.abc import Collection, Mapping

from staff.schemas import Staff
from staff.service import still_signed_in
from staff.state import StaffState
from staff.states import Role
from websocket.closing import Close
from websocket.pairing import seen
from websocket.pairing_schemas import Screen
from websocket.viewers import Viewer


async def ended_rights(state: StaffState, viewers: Collection[Viewer]) -> dict[Viewer, Close]:
    """The viewers who may watch no more, and why. The others' screens are noted as seen."""
    screens = {viewer.holder.id for viewer in viewers if isinstance(viewer.holder, Screen)}
    people = {viewer.holder.session: viewer.holder for viewer in viewers if isinstance(viewer.holder, Staff)}
    alive = await seen(screens, state["clock"]()) if screens else set()
    signed_in = {session: await still_signed_in(state, staff) for session, staff in people.items()}
    endings = {viewer: _ending(viewer, alive, signed_in) for viewer in viewers}
    return {viewer: close for viewer, close in endings.items() if close is not None}


def _ending(viewer: Viewer, alive: Collection[str], signed_in: Mapping[str, Staff | None]) -> Close | None:
    match viewer.holder:
        case Screen(id=screen):
            return None if screen in alive else Close.REVOKED
        case Staff(session=session):
            staff = signed_in[session]
            if staff is None or not staff.may(Role.CLERK, viewer.hall):
                return Close.REVOKED
            return Close.LOCKED if staff.locked else None
        case _:
            return None

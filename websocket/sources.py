"""Where the hub reads a hall: the picture in Redis, what SQL says about it, the pace of its calls."""

from booking.picture import Change, Picture
from booking.state import BookingState
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import UnavailableError
from o2o.kernel.i18n import _
from qr.service import code_for_hall
from qr.states import Source, path_of
from websocket.live_hall import Sources
from websocket.views import About


def sources_of(state: BookingState) -> Sources:
    return Sources(
        picture=lambda hall: _picture(state, hall),
        feed=lambda hall, version: _feed(state, hall, version),
        about=lambda hall: _about(state, hall),
        shown=state["line"].shown,
    )


async def _picture(state: BookingState, hall_id: str) -> Picture:
    picture = await state["line"].picture(await state["directory"].get(hall_id))
    if picture is None:
        raise UnavailableError(_("The hall is being loaded. Try again in a moment."), retry_after=1)
    return picture


async def _feed(state: BookingState, hall_id: str, version: int) -> list[Change]:
    return await state["line"].store(await state["directory"].get(hall_id)).feed_since(version)


async def _about(state: BookingState, hall_id: str) -> About:
    now = state["clock"]()
    hall = await state["directory"].refresh(hall_id)  # Another process may have changed it.
    code = await code_for_hall(state["signer"], hall_id, now=now)
    return About(
        hall=hall,
        open=hall.is_open(now),
        join_url=f"{state['settings'].base_url}{path_of(code.text, Source.DISPLAY)}",
        qr=f"/qr/{code.text}.svg?s={Source.DISPLAY}",
        now=to_ms(now),
        paces={service.id: await state["line"].pace_of(hall, service.id) for service in hall.services},
    )

"""Stopping a hall at once, with words for everybody; and going on.

Under stress nobody writes a sentence or looks for a box to tick: what happens most is one button, with its words.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.manage.sheets import Filled, Sent, Sheet, filled_form, sheets_page, shown_again, tried
from booking.queries import pause_row
from booking.schemas import Pause
from booking.service.pausing import pause
from booking.state import BookingRequest
from booking.summary import as_words
from halls.pause import Words
from o2o.kernel import words
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import convert
from o2o.kernel.i18n import _, translator
from staff.manage import HOME, Frame, frame, signed_in
from staff.queries import names_of

TAB: Final = "pause"
OWN: Final = Sheet("own", {"stop": ["issuing", "calling"], "zh-CN": "", "en": ""})


class Ready(NamedTuple):
    """A pause that is one button: its words, and whether calling stops too."""

    icon: str
    title: str
    words: str
    calling: bool = True


READY: Final[Mapping[str, Ready]] = {
    "fire": Ready(
        "fire", _("Fire"), _("Fire alarm. Please leave the building calmly. Your place in the line is kept.")
    ),
    "power": Ready(
        "power", _("Power cut"), _("The power is out. Please wait a moment. Your place in the line is kept.")
    ),
    "fault": Ready(
        "alert", _("System fault"), _("Our system has a fault. Please ask the staff. Your place in the line is kept.")
    ),
    "crowd": Ready(
        "people", _("Too full"), _("We give no more numbers just now. Whoever has one is called."), calling=False
    ),
}


@signed_in
async def show_pause(request: BookingRequest) -> Response:
    return await _page(await frame(request, TAB))


async def change_pause(request: BookingRequest) -> Response:
    """A ready pause, one in own words, or going on."""
    here, filled = await frame(request, TAB), await filled_form(request)
    try:
        await pause(request.state["line"], here.hall, _wish(filled), tried(here, filled))
    except DomainError as refusal:
        return await _page(here, Sent(filled, refusal))
    return here.done("resumed" if filled.act == "resume" else "paused")


async def _page(here: Frame, sent: Sent | None = None) -> Response:
    texts = here.texts
    (own,) = shown_again([OWN], sent, texts)
    context = {
        "ready": [
            {"id": name, "icon": one.icon, "title": texts(one.title), "words": texts(one.words), "calling": one.calling}
            for name, one in READY.items()
        ],
        "own": own,
        "paused": await _in_force(here),
    }
    return sheets_page(here, "booking/manage/pause.html", context, sent)


async def _in_force(here: Frame) -> dict[str, Any] | None:
    """What is stopped now, since when, by whom and with which words."""
    row = await pause_row(here.hall.id)
    shown = as_words(row)
    if row is None or shown is None:
        return None
    names, said = await names_of([row.actor]), shown.message
    return {
        "issuing": row.issuing,
        "calling": row.calling,
        "since": words.clock_time(row.since, ZoneInfo(here.hall.time_zone)),
        "by": names.get(row.actor, row.actor),
        "words": said.in_language(here.texts.language) if said else "",
    }


def _wish(filled: Filled) -> Pause:
    if filled.act == "resume":
        return Pause(issuing=False, calling=False)
    if ready := READY.get(filled.act):
        said = Words(zh=translator("zh-CN")(ready.words), en=translator("en")(ready.words))
        return Pause(issuing=True, calling=ready.calling, message=said)
    stop = filled.all("stop")
    if not stop:
        raise InvalidError(_("Choose what stops."), field="stop")
    return convert({"issuing": "issuing" in stop, "calling": "calling" in stop, "message": filled.in_both()}, Pause)


routes: list[BaseRoute] = [
    Route(HOME + "/{hall}/pause", show_pause, methods=["GET"], name="manage_pause"),
    Route(HOME + "/{hall}/pause", change_pause, methods=["POST"]),
]

"""A hall's screens on the manager's pages: which are on, what they are called, one more, one less."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_skeleton
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.errors import DomainError
from o2o.kernel.http import convert, parse_form, read_body
from o2o.kernel.i18n import LANGUAGES, Translator, _
from staff.errors import NoRightError
from staff.manage import Frame, frame, signed_in
from staff.queries import names_of
from websocket import pairing
from websocket.pairing_endpoints import PairingRequest, manager_of, pair_with, rename, revoke
from websocket.pairing_schemas import DeviceKind, DisplayAnswer, Naming, Pairing

TAB: Final = "screens"
KINDS: Final = {DeviceKind.DISPLAY: _("Screen"), DeviceKind.KIOSK: _("Kiosk")}


class ScreenForm(msgspec.Struct, forbid_unknown_fields=True):
    """`act` is a key of ACTS; `of` is the screen that it is about. What is typed is judged by the act."""

    act: str
    key: str
    csrf: str
    of: str = ""
    to: str = ""
    code: str = ""
    name: str = ""


@signed_in
async def show_screens(request: PairingRequest) -> Response:
    return await _page(request, await frame(request, TAB))


@signed_in
async def change_screens(request: PairingRequest) -> Response:
    """Pair one more, name one or take one off."""
    here, body = await frame(request, TAB), await read_body(request)
    filled = parse_form(body, ScreenForm)
    if filled.act not in ACTS:
        raise NoRightError
    try:
        said = await ACTS[filled.act](request, here, filled)
    except DomainError as refusal:
        return await _page(request, here, filled, refusal)
    return here.done(said)


async def _pair(request: PairingRequest, here: Frame, filled: ScreenForm) -> str:
    wish = convert({"code": filled.code, "name": filled.name.strip() or None}, Pairing)
    await pair_with(request, here.staff, here.hall.id, (wish, filled.key))
    return "screen_paired"


async def _rename(request: PairingRequest, _here: Frame, filled: ScreenForm) -> str:
    staff, device = await manager_of(request, filled.of)
    await rename(request, staff, device, convert({"name": filled.name.strip() or None}, Naming))
    return "saved"


async def _revoke(request: PairingRequest, _here: Frame, filled: ScreenForm) -> str:
    staff, device = await manager_of(request, filled.of)
    await revoke(request, staff, device)
    return "screen_revoked"


ACTS: Final[Mapping[str, Callable[[PairingRequest, Frame, ScreenForm], Awaitable[str]]]] = {
    "pair": _pair,
    "rename": _rename,
    "revoke": _revoke,
}


async def _page(
    request: PairingRequest, here: Frame, filled: ScreenForm | None = None, refusal: DomainError | None = None
) -> Response:
    now = request.state["clock"]()
    screens = await pairing.displays_of(here.hall.id, now)
    names = await names_of(screen.paired_by for screen in screens)
    context = {
        "screens": [_row(here, screen, names.get(screen.paired_by, ""), now) for screen in screens],
        "alive": sum(screen.alive for screen in screens),
        "filled": filled if filled and filled.act == "pair" else None,
        "renamed": filled if filled and filled.act == "rename" else None,
        "pair_address": f"{request.state['settings'].base_url.partition('://')[2]}/display",
    }
    return here.page("websocket/screens.html", context, refusal, key=filled.key if filled else "")


def _row(here: Frame, screen: DisplayAnswer, by: str, now: datetime) -> dict[str, Any]:
    zone, texts = ZoneInfo(here.hall.time_zone), here.texts
    return {
        "id": screen.id,
        "title": screen.name or texts(KINDS[screen.kind]),
        "name": screen.name or "",
        "alive": screen.alive,
        "seen": _when(screen.last_seen_at, now.astimezone(zone), texts) if screen.last_seen_at else "",
        "paired": _when(screen.paired_at, now.astimezone(zone), texts),
        "by": by,
    }


def _when(moment: datetime, now: datetime, texts: Translator) -> str:
    """`10:42`, and the day where that was not today, on the clock that `now` is in."""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{format_skeleton('MMMd', local, locale=LANGUAGES[texts.language])} {local:%H:%M}"


routes: list[BaseRoute] = [
    Route("/manage/{hall}/screens", show_screens, methods=["GET"], name="manage_screens"),
    Route("/manage/{hall}/screens", change_screens, methods=["POST"]),
]

"""The display's page: a code to pair it by, then its hall; and the form where a manager enters the code."""

from typing import Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.choosing import FEW, Asking, choose_hall, halls_of
from booking.hall_wording import PAUSES
from booking.state import BookingState
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import next_key, refused
from o2o.kernel.http import form
from o2o.kernel.i18n import LANGUAGES, Translator, language_of, translator, translator_for
from o2o.kernel.pages import render
from qr.service import PAIRING, code_for_hall, signed_code
from qr.states import Source
from staff.browsers import sign_in_address
from staff.errors import NoRightError, SignInRequiredError
from staff.schemas import Staff
from staff.service import require
from staff.shift import on_shift_anywhere
from staff.states import Role
from websocket import pairing
from websocket.clients import client_rules
from websocket.closing import close_codes
from websocket.pairing_endpoints import limit_devices, pair_with
from websocket.pairing_schemas import DisplayAnswer, NewDevice, Pairing, Screen, WaitingDevice

PAIR: Final = "/display/pair"

PageRequest = Request[BookingState]


class PairForm(msgspec.Struct, forbid_unknown_fields=True):
    code: str = ""
    hall: str = ""
    key: str = ""
    csrf: str = ""


async def show_display(request: PageRequest) -> Response:
    """The hall's board on a paired screen; on another one a code that a manager can enter."""
    screen = await pairing.device_of(request)
    if screen is not None:
        return await _board(request, screen)
    waiting = await pairing.waiting_of(request)
    if waiting is not None:
        return _code(request, waiting)
    await limit_devices(request)
    made = await pairing.make_device(NewDevice(), request.state["clock"]())
    response = _code(request, made, taken_off=await _name_of(request, await pairing.taken_off(request)))
    pairing.set_cookie(request, response, pairing.secret_of(request.state["signer"], made.id))
    return response


async def show_pairing(request: PageRequest) -> Response:
    try:
        staff = await require(request, Role.MANAGER)
    except SignInRequiredError:
        return RedirectResponse(sign_in_address(request), 303)
    asked = request.query_params
    return await _form(request, staff, PairForm(code=asked.get("code", ""), hall=asked.get("hall", "")))


async def create_pairing(request: PageRequest) -> Response:
    filled = await form(request, PairForm)
    staff = await require(request, Role.MANAGER)
    try:
        if not staff.may(Role.MANAGER, filled.hall):
            raise NoRightError
        answer = await pair_with(request, staff, filled.hall, (Pairing(filled.code), filled.key))
    except DomainError as refusal:
        return await _form(request, staff, filled, refusal=refusal)
    paired = msgspec.json.decode(answer, type=DisplayAnswer)
    return await _form(request, staff, PairForm(hall=filled.hall), paired=paired.hall)


async def _board(request: PageRequest, screen: Screen) -> Response:
    state, language = request.state, language_of(request)
    hall, now = await state["directory"].get(screen.hall), state["clock"]()
    code = await code_for_hall(state["signer"], hall.id, now=now)
    shown = {
        "id": hall.id,
        "name": hall.names.in_language(language),
        "time_zone": hall.time_zone,
        "qr": f"/qr/{code.text}.svg?s={Source.DISPLAY}",
        "join_url": _spoken(f"{state['settings'].base_url}/halls/{hall.id}"),
    }
    context = {
        "hall": shown,
        "now": to_ms(now),
        "pauses": {one: _pauses(translator(one)) for one in LANGUAGES},
        "close_codes": close_codes(),
        "client_rules": client_rules(),
    }
    response = render(request, "websocket/display.html", context)
    pairing.set_cookie(request, response, pairing.secret_of(state["signer"], screen.id))  # Good for 400 days again.
    return response


def _pauses(texts: Translator) -> dict[str, str]:
    """What a screen says while the hall has stopped and its manager gave no words."""
    return {"calling": texts(PAUSES[False]), "issuing": texts(PAUSES[True])}


def _code(request: PageRequest, waiting: WaitingDevice, taken_off: str = "") -> Response:
    context = {
        "taken_off": taken_off,
        "code": waiting.code,
        "pair_address": _spoken(f"{request.state['settings'].base_url}{PAIR}"),
        "pair_qr": f"/qr/{signed_code(request.state['signer'], PAIRING, waiting.id)}.svg",
    }
    return render(request, "websocket/pairing.html", context)


async def _name_of(request: PageRequest, hall: str | None) -> str:
    if hall is None:
        return ""
    return (await request.state["directory"].get(hall)).names.in_language(language_of(request))


async def _form(
    request: PageRequest,
    staff: Staff,
    filled: PairForm,
    *,
    refusal: DomainError | None = None,
    paired: str | None = None,
) -> Response:
    mine = await halls_of(request, staff, Role.MANAGER)
    halls = [hall for hall in mine if len(mine) <= FEW or hall.id == filled.hall]
    if not halls and refusal:
        raise refusal
    if not halls:
        kept = {"code": filled.code}
        return await choose_hall(request, staff, mine, Asking(PAIR, kept, f"{PAIR}?{urlencode(kept)}&hall="))
    language = language_of(request)
    names = {hall.id: hall.names.in_language(language) for hall in halls}
    context = {
        "key": next_key(filled.key, refusal),
        "code": filled.code,
        "chosen": filled.hall,
        "halls": sorted(names.items(), key=lambda named: named[1]),
        "others": f"{PAIR}?{urlencode({'code': filled.code})}" if len(mine) > FEW else "",
        "paired": names.get(paired or ""),
        **refused(refusal, translator_for(request)),
    }
    return render(request, "websocket/pair.html", context | await on_shift_anywhere(request, staff), refusal)


def _spoken(address: str) -> str:
    """An address as people type it."""
    return address.partition("://")[2]


routes: list[BaseRoute] = [
    Route("/display", show_display, methods=["GET"], name="display"),
    Route(PAIR, show_pairing, methods=["GET"], name="pair_display"),
    Route(PAIR, create_pairing, methods=["POST"]),
]

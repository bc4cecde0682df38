"""The hall's page for customers; finder and ticket are beside. Whole without a script; scripts make it live."""

from itertools import takewhile
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking import ticket_page
from booking.endpoints import ANONYMOUS
from booking.finder import quieter_rows, show_finder
from booking.goods import hold_words
from booking.hall_endpoints import shown_hall
from booking.hall_wording import hall_row
from booking.schemas import TakeNumber
from booking.service.carrying import find_hold
from booking.service.line import ticket_of
from booking.state import BookingRequest, attempt, limit_numbers
from booking.states import Channel
from booking.ticket_page import private, to_own
from booking.wording import class_name, fairness_words
from halls.hall import Hall
from halls.stock.errors import HoldEndedError, HoldNotFoundError
from halls.stock.states import HoldState
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError, UnavailableError
from o2o.kernel.forms import next_key, refused
from o2o.kernel.http import parse_form, read_body
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from qr.errors import CodeNotFoundError
from qr.schemas import Code
from qr.service import resolve
from staff.browsers import check_origin


class JoinForm(msgspec.Struct, forbid_unknown_fields=True, rename={"claimed": "class"}):
    """`then_…` are the services after the first, one after the other, up to the first that is empty."""

    key: str
    service: str
    phone: str = ""
    claimed: str = ""
    then_1: str = ""
    then_2: str = ""
    then_3: str = ""
    code: str = ""
    hold: str = ""

    @property
    def then(self) -> tuple[str, ...]:
        wanted = takewhile(bool, (self.then_1, self.then_2, self.then_3))
        return tuple(dict.fromkeys(service for service in wanted if service != self.service))


async def show_hall(request: BookingRequest) -> Response:
    wish = request.query_params
    filled = JoinForm(key="", service=wish.get("service", ""), code=wish.get("code", ""), hold=wish.get("hold", ""))
    return await _hall_page(request, filled)


async def create_ticket(request: BookingRequest) -> Response:
    """Take a number by the form; what is refused is said on the same page, with what was typed."""
    check_origin(request)
    hall, body = _hall_id(request), await read_body(request)
    filled = parse_form(body, JoinForm)
    channel = Channel.CODE if await _scanned(request, hall, filled.code) else Channel.WEB
    wish = TakeNumber(
        service=filled.service,
        phone=filled.phone.strip() or None,
        class_=filled.claimed or None,
        channel=channel,
        then=filled.then,
        hold=filled.hold or None,
    )
    try:
        await limit_numbers(request)
        tried = attempt(request, ANONYMOUS, body, key=filled.key)
        change = await request.state["arrivals"].take_number(hall, wish, tried)
    except DomainError as refusal:
        return await _hall_page(request, filled, refusal)
    return to_own(request, ticket_of(change).id)


async def _hall_page(request: BookingRequest, filled: JoinForm, refusal: DomainError | None = None) -> Response:
    hall = await request.state["directory"].refresh(_hall_id(request))  # Another process may have changed it.
    texts = translator_for(request)
    row = hall_row(await shown_hall(request, hall), request.state["clock"](), texts)
    code = await _scanned(request, hall.id, filled.code)
    counter = hall.counter(code.place or "") if code else None
    if counter:
        row["services"] = [service for service in row["services"] if service["id"] in counter.services]
    only = row["services"][0]["id"] if len(row["services"]) == 1 else ""
    wanted = filled.service or only
    held = await _held(request, filled.hold, hall, texts)
    # Whether a number has it by now is unknown after a 503, and the same form goes out.
    still_held = isinstance(refusal, UnavailableError) or (held and not held["ended"])
    context = {
        "hall": row,
        "quieter": await quieter_rows(request, hall, wanted) if row["open"] and not row["can_join"] else [],
        "key": next_key(filled.key, refusal),
        "chosen": wanted,
        "filled": filled,
        "claims": [{"id": name, "name": class_name(name, texts)} for name in hall.rules.classes[1:]],
        "rule": fairness_words(hall.rules, texts),
        "code": code.text if code else "",
        "channel": Channel.CODE if code else Channel.WEB,
        "counter": counter and counter.name,
        "held": held,
        "hold": filled.hold if still_held else "",
        **refused(refusal, texts),
    }
    return private(render(request, "booking/hall.html", context, refusal))


async def _scanned(request: BookingRequest, hall: str, text: str) -> Code | None:
    """The code of this hall that brought the reader to its page; a bad one is as good as none."""
    try:
        code = await resolve(request.state["signer"], text, now=request.state["clock"]())
    except CodeNotFoundError:
        return None
    return code if code.hall == hall else None


async def _held(request: BookingRequest, shown: str, hall: Hall, texts: Translator) -> dict[str, Any] | None:
    """What the number will carry, as the page says it, or that it is `ended`; None when nothing, or not by this one."""
    state = request.state
    try:
        carried = await find_hold(state["signer"], shown, hall.id, to_ms(state["clock"]()))
    except HoldNotFoundError:
        return None
    hold = carried.hold
    ended = carried.refused == HoldEndedError.code and hold.state is not HoldState.CONVERTED
    if carried.refused and not ended:
        return None
    return await hold_words(hold, hall, state["names_of_goods"], texts) | {"sku": hold.sku, "ended": ended}


def _hall_id(request: BookingRequest) -> str:
    return str(request.path_params["hall"])


routes: list[BaseRoute] = [
    Route("/", show_finder, methods=["GET"], name="finder"),
    Route("/halls/{hall}", show_hall, methods=["GET"], name="hall_page"),
    Route("/halls/{hall}", create_ticket, methods=["POST"]),
    *ticket_page.routes,
]

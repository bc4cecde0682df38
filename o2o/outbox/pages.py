"""The outbox as a page: what was said to whom, what would have been, and a button to send it again."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Struct, structs, to_builtins
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.choosing import FEW, Asking, choose_hall, halls_of
from booking.state import BookingRequest
from halls.atlas import Atlas
from messages.shown import MessageList, MessageRow
from messages.states import Purpose, State
from o2o.kernel.clock import rfc3339
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import new_key, next_key, refused
from o2o.kernel.http import parse_form, query, read_body
from o2o.kernel.i18n import Translator, _, translator_for
from o2o.kernel.pages import render
from o2o.outbox.endpoints import MessageQuery, messages_for, resend, viewer_of
from staff.manage import HOME, signed_in
from staff.schemas import Staff
from staff.service import require
from staff.shift import on_shift_anywhere
from staff.states import Role

PATH: Final = "/outbox"
CHOOSE: Final = {"choose": "yes"}
SHOWN: Final = 50
NO_KEYS: Final[Mapping[str, str]] = MappingProxyType({})
STATES: Final[Mapping[str, str]] = {
    State.WAITING: _("Waiting to be sent"),
    State.SENT: _("Sent"),
    State.KEPT: _("Nothing was sent"),
    State.FAILED: _("Not sent"),
}
PURPOSES: Final[Mapping[str, str]] = {
    Purpose.ORDER_PLACED: _("Order placed"),
    Purpose.READY: _("Ready for pick-up"),
    Purpose.SHIPPED: _("Shipped"),
    Purpose.OUT_FOR_DELIVERY: _("Out for delivery"),
    Purpose.DELIVERED: _("Delivered"),
    Purpose.DELIVERY_FAILED: _("Delivery failed"),
    Purpose.NOT_COLLECTED: _("Not collected"),
    Purpose.CANCELLED: _("Order cancelled"),
    Purpose.REFUNDED: _("Refunded"),
    Purpose.BACK_IN_STOCK: _("Back in stock"),
}


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What the page's form asks for; what is left empty is not asked. `done`: something was sent again just now."""

    hall: str | None = None
    state: State | None = None
    cursor: str | None = None
    done: str | None = None
    lang: str | None = None


class AgainForm(Struct, forbid_unknown_fields=True):
    message: str
    key: str
    csrf: str = ""


@signed_in
async def show_outbox(request: BookingRequest) -> Response:
    staff = await require(request, Role.MANAGER)
    if "choose" not in request.query_params:
        return await _page(request, staff)
    kept = {"state": request.query_params.get("state", "")}
    asking = Asking(PATH, CHOOSE | kept, f"{PATH}?{urlencode(kept)}&hall=")
    return await choose_hall(request, staff, await halls_of(request, staff, Role.MANAGER), asking)


@signed_in
async def create_resending(request: BookingRequest) -> Response:
    """Send one again, and show the page once more, which says so."""
    staff, body = await require(request, Role.MANAGER), await read_body(request)
    filled = parse_form(body, AgainForm)
    try:
        await resend(request, staff, filled.message, body, filled.key)
    except DomainError as refusal:
        return await _page(request, staff, refusal, {filled.message: next_key(filled.key, refusal)})
    wish = query(request, Wish)
    return RedirectResponse(_address(structs.replace(wish, done="1")), 303)


async def _page(
    request: BookingRequest, staff: Staff, refusal: DomainError | None = None, keys: Mapping[str, str] = NO_KEYS
) -> Response:
    texts, wish, found = translator_for(request), Wish(), MessageList([], None)
    try:
        wish = query(request, Wish)
        asked = MessageQuery(SHOWN, wish.cursor, hall=wish.hall, state=wish.state)
        found = await messages_for(request, staff, asked)
    except DomainError as error:
        refusal = refusal or error
    halls = await halls_of(request, staff, Role.MANAGER)
    listed = list(halls) if len(halls) <= FEW else [hall for hall in [halls.get(wish.hall or "")] if hall]
    context = {
        "address": _address(structs.replace(wish, done=None)),
        "home": HOME,
        "title": texts(_("What people were told")),
        "halls": {hall.id: hall.names.in_language(texts.language) for hall in listed},
        "others": f"{PATH}?{urlencode(CHOOSE | {'state': wish.state or ''})}" if len(halls) > FEW else "",
        "states": {state.value: texts(text) for state, text in STATES.items()},  # type: ignore[attr-defined]
        "wish": wish,
        "messages": [_line(row, halls, texts) | {"key": keys.get(row.id) or new_key()} for row in found.messages],
        "older": _address(structs.replace(wish, cursor=found.next_cursor, done=None)) if found.next_cursor else None,
        "silent": not viewer_of(request).channels,
        "done": wish.done and texts(_("It is sent again now.")),
        **await on_shift_anywhere(request, staff),
        **refused(refusal, texts),
    }
    response = render(request, "messages/outbox.html", context, refusal)
    response.headers["Cache-Control"] = "no-store"
    return response


def _address(wish: Wish) -> str:
    asked: dict[str, Any] = {name: value for name, value in to_builtins(wish).items() if value}
    return f"{PATH}?{urlencode(asked)}" if asked else PATH


def _line(row: MessageRow, halls: Atlas, texts: Translator) -> dict[str, Any]:
    """A message as the page says it, on its hall's clock."""
    hall = halls.get(row.hall or "")
    zone = ZoneInfo(hall.time_zone if hall else halls.usual_zone)
    moment = datetime.fromisoformat(row.sent_at or row.failed_at or row.created_at)
    return structs.asdict(row) | {
        "said": texts(STATES[row.state]),
        "purpose": texts(PURPOSES[row.purpose]),
        "hall": hall.names.in_language(texts.language) if hall else "",
        "when": rfc3339(moment, zone)[:19].replace("T", " "),
        "again": row.sendable and row.state != State.WAITING.value,
    }


routes: list[BaseRoute] = [
    Route(PATH, show_outbox, methods=["GET"], name="outbox"),
    Route(PATH, create_resending, methods=["POST"]),
]

"""An order's page for its owner: what is true of it now, in one sentence. Whole without a script."""

import asyncio
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.hall_wording import map_url
from booking.state import attempt
from booking.ticket_page import private
from o2o.kernel import words
from o2o.kernel.database import connection
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import new_key, refused
from o2o.kernel.http import parse_form, read_body
from o2o.kernel.i18n import Translator, _, translator_for
from o2o.kernel.pages import render
from o2o.kernel.state import is_https
from orders.contacts import grouped, pictured, read_contact
from orders.models import LineRecord, OrderRecord
from orders.money import price
from orders.order_access import CUSTOMER, order_id
from orders.order_errors import OrderNotFoundError
from orders.order_queries import lines_of, money_of, order_row
from orders.order_schemas import Cancel
from orders.product_wording import said_price, span
from orders.rights import give_cookie, is_token, owns, token_of
from orders.service import cancelling
from orders.state import OrdersRequest
from orders.states import Fulfilment, LineState, OrderState
from qr import draw
from staff.browsers import check_origin

_S: Final = LineState
LINES: Final = {
    _S.ALLOCATED: _("Kept for you"),
    _S.READY: _("Ready to collect"),
    _S.COLLECTED: _("Collected"),
    _S.PICKED: _("Packed"),
    _S.SHIPPED: _("On its way"),
    _S.DELIVERED: _("Delivered"),
    _S.RETURNED: _("Gone back"),
}

KEPT: Final = {
    (False, False): _("It is kept for you in the hall"),
    (True, False): _("It is ready: come and collect it"),
    (False, True): _("Part is kept in the hall, part comes to your door"),
    (True, True): _("Part is ready in the hall, part comes to your door"),
}
"""What waits in the hall, by whether it is ready and whether the rest is sent."""
_LIVE: Final = frozenset({_S.ALLOCATED, _S.READY, _S.PICKED, _S.SHIPPED})
UNDER_WAY: Final = frozenset({_S.ALLOCATED, _S.PICKED, _S.SHIPPED})


class KeyForm(msgspec.Struct, forbid_unknown_fields=True):
    key: str


async def show_order(request: OrdersRequest) -> Response:
    """The owner's page. The link to pass on carries the right to it, which a cookie takes over at once."""
    order, signer = order_id(request), request.state["signer"]
    if token := request.query_params.get("k"):
        if not is_token(signer, order, token):
            raise OrderNotFoundError
        response = RedirectResponse(f"/o/{order}", 303)
        give_cookie(response, signer, order, secure=is_https(request))
        return private(response)
    return await _page(request)


async def show_pickup_code(request: OrdersRequest) -> Response:
    """The picture of the secret that collects it, for its owner alone."""
    order = _owned(request)
    contact = await read_contact(request.state["signer"], order)
    if contact is None or contact.pickup is None:
        raise OrderNotFoundError
    picture = await asyncio.to_thread(draw.svg, pictured(order, contact.pickup))
    return private(Response(picture, media_type="image/svg+xml"))


async def create_cancellation(request: OrdersRequest) -> Response:
    check_origin(request)
    order, body = _owned(request), await read_body(request)
    tried = attempt(request, CUSTOMER + order, body, key=parse_form(body, KeyForm).key)
    try:
        await cancelling.cancel(request.state, order, Cancel(), tried, staff=False)
    except DomainError as refusal:
        return await _page(request, refusal)
    return RedirectResponse(f"/o/{order}", 303)


async def _page(request: OrdersRequest, refusal: DomainError | None = None) -> Response:
    order, texts = _owned(request), translator_for(request)
    row, lines = await order_row(order), await lines_of(order)
    hall = await request.state["directory"].get(row.hall)
    paid, given_back = await money_of(connection(), order)
    zone, now = ZoneInfo(hall.time_zone), request.state["clock"]()
    context = {
        "order": {
            "id": order,
            "version": row.version,
            "state": row.state,
            "truth": truth(row, lines, texts),
            "until": words.day_and_time(row.pickup_until, now, zone, texts) if row.pickup_until else "",
            "lines": [_line(row, line, texts, now) for line in lines],
            "fee": price(row.delivery_fee) if row.delivery_fee else "",
            "total": said_price(row.goods + row.delivery_fee, texts),
            "paid": price(paid) if paid else "",
            "given_back": price(given_back) if given_back else "",
            "placed_at": words.day_and_time(row.placed_at, now, zone, texts),
            "may_cancel": _may_cancel(row, lines),
            "link": f"/o/{order}?k={token_of(request.state['signer'], order)}",
        },
        "hall": {
            "id": hall.id,
            "name": hall.names.in_language(texts.language),
            "address": hall.address,
            "map_url": map_url(hall, texts.language),
        },
        "own_page": f"/o/{order}",
        "code": await _code(request, row, lines),
        "key": new_key(),
        **refused(refusal, texts),
    }
    return private(render(request, "orders/order.html", context, refusal))


def truth(row: OrderRecord, lines: list[LineRecord], texts: Translator) -> dict[str, str]:
    """All of it in one sentence, how that looks, and what to do."""
    states = {LineState(line.state) for line in lines if line.state != LineState.RETURNED}
    if row.state == OrderState.CANCELLED:
        more = texts(_("Nothing is kept for you any more."))
        return _said("stop", "stop", texts(_("This order was cancelled")), more)
    if not states:
        return _said("stop", "stop", texts(_("Everything has gone back")), texts(_("Ask the hall for your money.")))
    if states <= {_S.COLLECTED, _S.DELIVERED}:
        return _said("go", "check", texts(_("You have it all")), texts(_("Thank you for your order.")))
    kept, sent = ({line.state for line in lines if line.fulfilment == way} & _LIVE for way in Fulfilment)
    ready, paid = _S.READY in kept, _how_paid(row, texts, both=bool(kept and sent))
    if kept:
        return _said("go" if ready else "wait", "bag", texts(KEPT[ready, bool(sent)]), paid)
    if _S.SHIPPED in sent:
        return _said("wait", "van", texts(_("It is on its way to you")), paid)
    return _said("wait", "box", texts(_("We are packing it for you")), paid)


def _how_paid(row: OrderRecord, texts: Translator, *, both: bool) -> str:
    if row.state == OrderState.PAID:
        return texts(_("It is paid."))
    if row.goods + row.delivery_fee == 0:
        return texts(_("It costs nothing."))
    if row.pay_at == "counter" and both:
        return texts(_("You pay for everything at the counter."))
    if row.pay_at == "counter":
        return texts(_("You pay at the counter."))
    return texts(_("You pay at your door."))


def _said(look: str, icon: str, head: str, more: str) -> dict[str, str]:
    return {"look": look, "icon": icon, "head": head, "more": more}


def _line(row: OrderRecord, line: LineRecord, texts: Translator, now: datetime) -> dict[str, Any]:
    window = line.window if line.state in UNDER_WAY else None
    return {
        "name": line.name_zh if texts.language == "zh-CN" else line.name_en,
        "quantity": line.quantity,
        "price": said_price(line.price * line.quantity, texts),
        "how": texts(_("Pick up")) if line.fulfilment == Fulfilment.PICKUP else texts(_("Delivery")),
        "state": texts(_("Cancelled") if row.state == OrderState.CANCELLED else LINES[LineState(line.state)]),
        "window": span(window, now, texts) if window else "",
    }


def _may_cancel(row: OrderRecord, lines: list[LineRecord]) -> bool:
    kept = cancelling.KEPT | {LineState.RETURNED}
    return row.state == OrderState.PLACED and all(line.state in kept for line in lines)


async def _code(request: OrdersRequest, row: OrderRecord, lines: list[LineRecord]) -> str:
    """While there is something to collect."""
    waiting = any(line.fulfilment == Fulfilment.PICKUP and line.state in cancelling.KEPT for line in lines)
    contact = await read_contact(request.state["signer"], row.id) if waiting else None
    return grouped(contact.pickup) if contact and contact.pickup else ""


def _owned(request: OrdersRequest) -> str:
    order = order_id(request)
    if not owns(request.state["signer"], request, order):
        raise OrderNotFoundError
    return order


routes: list[BaseRoute] = [
    Route("/o/{order}", show_order, methods=["GET"], name="order_page"),
    Route("/o/{order}/pickup.svg", show_pickup_code, methods=["GET"]),
    Route("/o/{order}/cancellation", create_cancellation, methods=["POST"]),
]

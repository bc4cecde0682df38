"""An order as the page shows it: found by its code, and when it was sold."""

from typing import Any, Final

from booking.clerk.desk import Desk
from o2o.kernel.i18n import Translator, _
from orders.money import fen_of, price
from orders.order_errors import LINE_IN_STATE, ORDER_IN_STATE, OrderNotFoundError
from orders.order_queries import shown_order
from orders.order_schemas import Order, OrderLine
from orders.product_wording import said_price
from orders.products import products_by_sku
from orders.rights import token_of
from orders.state import OrdersRequest
from orders.states import Fulfilment, LineState, OrderState
from qr.draw import inlined

SHORT: Final = 8
COLLECTABLE: Final = frozenset({LineState.ALLOCATED, LineState.READY})
SAID: Final = {
    "sold": _("Sold and handed over"),
    "collected": _("Handed over"),
    "sent": _("Ordered for delivery"),
}
HOW: Final = {
    "sold": _("The money is in this counter's till."),
    "collected": _("The order is finished."),
    "sent": _("It is paid at the door. The order's page says when it leaves."),
}
STATES: Final = {
    LineState.ALLOCATED: _("set aside"),
    LineState.READY: _("ready"),
    LineState.COLLECTED: _("handed over"),
    LineState.PICKED: _("being packed"),
    LineState.SHIPPED: _("on its way"),
    LineState.DELIVERED: _("delivered"),
    LineState.RETURNED: _("gone back"),
}


async def order_to_collect(desk: Desk, order_id: str, texts: Translator) -> dict[str, Any]:
    """What is handed over by the order's code, and what is to pay first. Raises OrderNotFoundError."""
    order = await _order_of(desk, order_id)
    mine = [line for line in order.lines if line.fulfilment is Fulfilment.PICKUP and line.state in COLLECTABLE]
    products = await products_by_sku([line.sku for line in mine])
    due = fen_of(order.total) - fen_of(order.paid) if order.state is OrderState.PLACED else 0
    return {
        "id": order.id,
        "short": order.id[-SHORT:],
        "lines": [_line(line, texts) for line in order.lines],
        "can_collect": bool(mine) and order.state in {OrderState.PLACED, OrderState.PAID},
        "why_not": _why_not(order, texts),
        "due": price(due) if due else "",
        "pieces": sum(line.quantity for line in mine if line.sku in products and products[line.sku].serialised),
    }


async def sold(request: OrdersRequest, desk: Desk, order_id: str, did: str, texts: Translator) -> dict[str, Any]:
    """What was done, and the order's link as a code for the customer's phone. Raises OrderNotFoundError."""
    order, state = await _order_of(desk, order_id), request.state
    link = f"{state['settings'].base_url}/o/{order.id}?k={token_of(state['signer'], order.id)}"
    return {
        "said": texts(SAID.get(did, SAID["sold"])),
        "how": texts(HOW.get(did, HOW["sold"])),
        "lines": [_line(line, texts) for line in order.lines],
        "total": said_price(fen_of(order.total), texts),
        "picture": await inlined(link),
    }


async def _order_of(desk: Desk, order_id: str) -> Order:
    order = await shown_order(order_id)
    if order.hall != desk.hall.id:
        raise OrderNotFoundError
    return order


def _line(line: OrderLine, texts: Translator) -> dict[str, Any]:
    name = line.name[texts.language]
    return {
        "name": name if line.quantity == 1 else texts(_("%(count)s × %(name)s"), count=str(line.quantity), name=name),
        "price": said_price(fen_of(line.price) * line.quantity, texts),
        "state": texts(STATES[line.state]),
    }


def _why_not(order: Order, texts: Translator) -> str:
    if any(line.state is LineState.COLLECTED for line in order.lines):
        return texts(_("It was handed over already."))
    if order.state in {OrderState.CLOSED, OrderState.CANCELLED}:
        return texts(ORDER_IN_STATE[order.state])
    return texts(LINE_IN_STATE[order.lines[0].state])

"""What the page shows: whom it is for, what is on the shelf, one product, an order."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from booking.clerk.desk import Desk, ticket_of_staff
from booking.errors import ticket_not_found
from booking.goods import Goods, hold_words
from booking.schemas import TicketRow
from booking.service.carrying import hold_of, is_kept
from halls.stock.queries import allocation_row, available_at, available_in_all
from halls.stock.schemas import Hold
from halls.stock.states import HoldState
from o2o.kernel.clock import to_ms
from o2o.kernel.i18n import Translator, _
from orders.delivery.divisions import IDS, province_named, province_names
from orders.delivery.quoting import fee_for
from orders.money import price
from orders.product_wording import said_price
from orders.products import Wanted, find_products, products_by_sku
from orders.schemas import Product
from orders.state import OrdersRequest

SHOWN: Final = 12
GONE: Final = "gone"


class Customer(NamedTuple):
    """Whoever stands at the counter: their number, and what it carries."""

    row: TicketRow
    hold: Hold | None
    shown: dict[str, Any]


async def customer_of(request: OrdersRequest, desk: Desk, ticket: str, texts: Translator) -> Customer | None:
    """The ticket that the page is about. Raises TicketNotFoundError for one of another hall."""
    if not ticket:
        return None
    row = await ticket_of_staff(desk.staff, ticket)
    if row.hall != desk.hall.id:
        raise ticket_not_found()
    hold = await hold_of(row)
    shown: dict[str, Any] = {"id": row.id, "number": row.number, "goods": "", "state": "", "until": ""}
    if hold is None:
        return Customer(row, None, shown)
    said = await hold_words(hold, desk.hall, request.state["names_of_goods"], texts)
    state = await _standing(hold, said["state"], to_ms(request.state["clock"]()))
    return Customer(row, hold, shown | said | {"state": state, "sku": hold.sku, "quantity": hold.quantity})


async def _standing(hold: Hold, state: str, now: int) -> str:
    """How it stands with what a number came for: a hold's state, or what has become of what it turned into."""
    if hold.state is HoldState.CONVERTED:
        allocation = await allocation_row(hold.id)
        return allocation.state if allocation else state
    return state if is_kept(hold, now) else GONE


async def products_on_shelf(request: OrdersRequest, desk: Desk, text: str, texts: Translator) -> list[dict[str, Any]]:
    """The products that match, those first that are here."""
    found = await find_products(Wanted(text, request.state["clock"](), SHOWN))
    stock = await _stock_of([product.sku for product in found], desk.hall.id)
    rows = [_row(product, stock[product.sku], texts) for product in found]
    return sorted(rows, key=lambda row: not row["here"])


async def item(
    request: OrdersRequest, desk: Desk, wished: Goods, customer: Customer | None, texts: Translator
) -> dict[str, Any] | None:
    """One product with all that can be done about it here; None when it is not on sale."""
    product = (await products_by_sku([wished.sku])).get(wished.sku)
    if product is None or not product.is_listed(request.state["clock"]()):
        return None
    row = _row(product, (await _stock_of([wished.sku], desk.hall.id))[wished.sku], texts)
    held = _held(customer, wished.sku, to_ms(request.state["clock"]()))
    return row | {
        "held": held is not None,
        "hold": held.id if held else "",
        "quantity": held.quantity if held else max(1, wished.quantity),
        "fen": product.price,
        "free": not product.price,
        "total": price(product.price * (held.quantity if held else 1)),
        "can_sell": held is not None or row["here"],
        "serialised": product.serialised,
        "limit": product.limit_per_person,
        "can_send": product.kind.has_stock and row["anywhere"],
        "province": next((name for name, one in IDS.items() if one == desk.hall.province), ""),
        "provinces": province_names(texts.language),
    }


async def delivery(shown: Mapping[str, Any], written: str) -> dict[str, Any]:
    """What it costs to have the `item` that is shown sent to a province: the hall's own where none was written."""
    goods = shown["fen"] * shown["quantity"]
    fee = await fee_for(IDS.get(province_named(written) or shown["province"], ""), goods)
    return {"fee": fee, "sent_total": price(goods + fee)}


def _held(customer: Customer | None, sku: str, now: int) -> Hold | None:
    hold = customer.hold if customer else None
    active = hold is not None and hold.state is HoldState.ACTIVE and is_kept(hold, now)
    return hold if hold and active and hold.sku == sku else None


async def _stock_of(skus: Sequence[str], hall: str) -> dict[str, tuple[int, int]]:
    """How much of each can be had in the hall, and how much elsewhere."""
    here, in_all = await available_at(skus, [hall]), await available_in_all(skus)
    return {sku: (here.get((sku, hall), 0), in_all[sku] - here.get((sku, hall), 0)) for sku in skus}


def _row(product: Product, stock: tuple[int, int], texts: Translator) -> dict[str, Any]:
    here, elsewhere = stock if product.kind.has_stock else (1, 0)
    return {
        "sku": product.sku,
        "name": product.names.in_language(texts.language),
        "price": said_price(product.price, texts),
        "here": here > 0,
        "most": min(here, 50) if product.kind.has_stock else 50,
        "anywhere": here + elsewhere > 0,
        "where": _where(product, here, elsewhere, texts),
    }


def _where(product: Product, here: int, elsewhere: int, texts: Translator) -> str:
    if not product.kind.has_stock:
        return texts(_("made out here"))
    if here > 0:
        return texts.ngettext("%(num)s here", "%(num)s here", here) % {"num": here}
    if elsewhere > 0:
        return texts(_("not here, but it can be delivered"))
    return texts(_("nowhere just now"))

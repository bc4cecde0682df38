"""What a wish comes to, before anything is held: whose credit it is, what it costs, where each line may come from."""

from typing import NamedTuple

from halls.hall import Hall
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import DEFAULT, _
from o2o.kernel.phones import e164
from orders.delivery.addresses import Address, checked
from orders.errors import ProductNotFoundError
from orders.order_schemas import PlaceOrder
from orders.schemas import Product
from orders.service.promising import check_wish
from orders.shares import Shares
from orders.state import OrdersState
from orders.states import Fulfilment
from qr.errors import CodeNotFoundError
from qr.service import find


class Part(NamedTuple):
    """One line: `ways` are how and from where it may come, in the order in which they are tried."""

    number: int
    product: Product
    quantity: int
    ways: tuple[tuple[Fulfilment, str], ...]


class Origin(NamedTuple):
    """Where the order comes from, frozen with it."""

    shown_in: str
    code: str | None = None
    issued_by: str | None = None
    campaign: str | None = None


class Sold(NamedTuple):
    """At a counter: `holder` stands for whoever gives no phone number, `hold` is what their number has held."""

    holder: str
    hold: str | None


class Plan(NamedTuple):
    """`mark` tells apart what is held for one split of the lines from what was held for another."""

    hall: Hall
    parts: tuple[Part, ...]
    origin: Origin
    phone: str | None
    holder: str
    address: Address | None
    language: str
    hold: str | None = None
    mark: str = ""

    @property
    def goods(self) -> int:
        return sum(part.product.price * part.quantity for part in self.parts)


async def plan(
    state: OrdersState, wish: PlaceOrder, accepted: tuple[Shares, ...] | None = None, sold: Sold | None = None
) -> Plan:
    """Look everything up and check it. With `accepted` each line comes in just that way: it was shown and agreed to.

    Where lines are to be split each is one part here, with all its ways: `split_up` goes on.

    Raises HallNotFoundError, ProductNotFoundError, InvalidError.
    """
    hall = await state["directory"].get(wish.hall)
    phone = None if sold and not wish.phone else e164(wish.phone)
    address = checked(wish.address) if wish.address else None
    if wish.fulfilment == "delivery" and address is None:
        raise InvalidError(_("For a delivery we need an address."), field="address")
    check_wish(wish.window, wish.fulfilment)
    products = await _products(state, wish)
    parts: list[Part] = []
    for number, line in enumerate(wish.lines):
        shown = () if accepted is None or wish.split else accepted[number]
        wanted = tuple(one.fulfilment for one in shown) or _wanted(wish, address)
        ways = await _ways(state, hall, products[line.sku], wanted, address)
        parts.append(Part(number + 1, products[line.sku], line.quantity, ways))
    holder = state["signer"].phone_hash(phone) if phone else sold.holder if sold else ""
    hold, language = sold.hold if sold else None, wish.language or DEFAULT
    return Plan(hall, tuple(parts), await _origin(state, wish), phone, holder, address, language, hold)


async def _products(state: OrdersState, wish: PlaceOrder) -> dict[str, Product]:
    skus = [line.sku for line in wish.lines]
    if len(set(skus)) != len(skus):
        raise InvalidError(_("Each product comes in one line: say how many in its quantity."), field="lines")
    found, now = await state["products"].get(skus), state["clock"]()
    if any(sku not in found or not found[sku].is_listed(now) for sku in skus):
        raise ProductNotFoundError
    return found


def _wanted(wish: PlaceOrder, address: Address | None) -> tuple[Fulfilment, ...]:
    match wish.fulfilment:
        case "pickup":
            return (Fulfilment.PICKUP,)
        case "delivery":
            return (Fulfilment.DELIVERY,)
        case _:
            return (Fulfilment.PICKUP, Fulfilment.DELIVERY) if address else (Fulfilment.PICKUP,)


async def _ways(
    state: OrdersState, hall: Hall, product: Product, wanted: tuple[Fulfilment, ...], address: Address | None
) -> tuple[tuple[Fulfilment, str], ...]:
    ways: list[tuple[Fulfilment, str]] = []
    for one in wanted:
        if one is Fulfilment.PICKUP or not product.kind.has_stock:
            ways.append((one, hall.id))
        elif address:
            sources = await state["sourcing"].sources(product, hall, province=address.province_id)
            ways += [(one, source.place.id) for source in sources if source.fulfilment == one.value]
    return tuple(ways)


async def _origin(state: OrdersState, wish: PlaceOrder) -> Origin:
    """The hall that showed the goods keeps the credit, whoever ships them. Raises InvalidError for a forged code."""
    if wish.code is None:
        return Origin(wish.hall)
    try:
        code = await find(state["signer"], wish.code)
    except CodeNotFoundError as error:
        raise InvalidError(_("This code is none of ours."), field="code") from error
    return Origin(code.hall, code.id, code.issued_by, code.campaign)

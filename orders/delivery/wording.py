"""What the pages of sent things say: orders that wait, parcels, the packing slip."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from messages.contacts import masked
from messages.schemas import Contact
from o2o.kernel.database import connection
from o2o.kernel.i18n import _
from orders.contacts import OrderContact, read_contacts
from orders.delivery.carriers import Whereabouts
from orders.delivery.frame import Frame
from orders.delivery.models import Shipment
from orders.delivery.queries import SHORT, tracking_of
from orders.delivery.states import UNDER_WAY, ShipmentState
from orders.delivery.telling import carrier_name
from orders.delivery.windows import Window
from orders.models import LineRecord, OrderRecord
from orders.money import price
from orders.order_queries import DELIVERY, lines_of_each, money_of, money_of_each
from orders.product_wording import span
from orders.products import products_by_sku
from orders.schemas import Kind
from orders.service.paying import place_of_money
from orders.service.pieces import lacking, pieces_of
from orders.states import LineState, OrderState

SAID: Final = {
    Whereabouts.COLLECTED: _("The carrier has collected it."),
    Whereabouts.ON_THE_WAY: _("On its way."),
    Whereabouts.OUT_FOR_DELIVERY: _("Out for delivery."),
    Whereabouts.SIGNED: _("The carrier says that it was signed for."),
    Whereabouts.PROBLEM: _("The carrier has a problem with it."),
    Whereabouts.REFUSED: _("The carrier says that it was refused."),
    Whereabouts.RETURNING: _("The carrier is bringing it back."),
}
STATES: Final = {
    ShipmentState.SHIPPED: _("On its way"),
    ShipmentState.FAILED: _("Could not be delivered"),
    ShipmentState.DELIVERED: _("Delivered"),
    ShipmentState.RETURNED: _("Came back"),
}


class Item(NamedTuple):
    name: str
    sku: str
    quantity: int
    serials: str


class OrderRow(NamedTuple):
    """An order of which something waits here. `to_pick`: not all of it has been picked; `window`: when it is due.

    `lacking`: so many pieces have serial numbers that nobody has said; `in_letters`: couriers may not read the address.
    """

    id: str
    short: str
    placed: str
    target: str
    items: list[Item]
    to_pick: bool
    real_name: bool
    window: str
    lacking: int
    in_letters: bool


class ShipmentRow(NamedTuple):
    """`of` is what its forms name; `said` what the carrier says, `latest` its last scan with its time."""

    of: str
    short: str
    carrier: str
    tracking: str
    state: str
    state_said: str
    since: str
    said: str
    signed: bool
    latest: str
    real_name: bool
    items: list[Item]
    under_way: bool


class DueRow(NamedTuple):
    """An order that was delivered, and what its receiver had to pay."""

    id: str
    short: str
    placed: str
    due: str


class Slip(NamedTuple):
    """What is printed and goes into the parcel. `due`: what its receiver pays at the door; empty when it is paid."""

    id: str
    short: str
    placed: str
    name: str
    phone: str
    address: str
    items: list[Item]
    due: str
    real_name: bool
    window: str


def short(order: str) -> str:
    """As people say an order's number: its last characters."""
    return order[-SHORT:]


async def order_rows(here: Frame, found: Sequence[tuple[OrderRecord, list[LineRecord]]]) -> list[OrderRow]:
    """In as many readings as one order takes."""
    all_lines = [line for _row, lines in found for line in lines]
    missing = Counter[str]()
    for line in await lacking(all_lines):
        missing[line.order_id] += line.quantity
    contacts = await read_contacts(here.request.state["signer"], [row.id for row, _lines in found])
    known = _Known(await _sims(all_lines), contacts, missing)
    return [_order_row(here, row, lines, known) for row, lines in found]


async def shipment_rows(here: Frame, found: Sequence[Shipment]) -> list[ShipmentRow]:
    """What the carrier says was signed for comes first: it only has to be confirmed."""
    tracking = await tracking_of([one.id for one in found])
    ordered = await lines_of_each({one.order_id for one in found})
    rows = []
    for one in found:
        events = tracking.get(one.id, [])
        latest = f"{here.when(events[0].at)} · {events[0].text}" if events else ""
        inside = [line for line in ordered[one.order_id] if line.number in one.lines]
        rows.append(_shipment_row(here, one, inside, latest))
    return sorted(rows, key=lambda row: not (row.signed and row.under_way))


async def due_rows(here: Frame, found: Sequence[OrderRecord]) -> list[DueRow]:
    money = await money_of_each(connection(), [row.id for row in found])
    return [DueRow(row.id, short(row.id), here.when(row.placed_at), _due(row, *money[row.id])) for row in found]


async def slip(here: Frame, row: OrderRecord, lines: Sequence[LineRecord], contact: OrderContact | None) -> Slip:
    """`lines` are all of the order's: where several places send, one of them takes the money for all."""
    mine = [line for line in lines if line.place == here.place.id]
    address, due = contact.address if contact else None, _window(mine)
    return Slip(
        row.id,
        short(row.id),
        here.dated(row.placed_at),
        address.name if address else "",
        masked(Contact(phone=contact.phone)) if contact else "",
        address.line if address else "",
        _items(here, mine),
        _due(row, *await money_of(connection(), row.id)) if here.place.id == place_of_money(row, lines) else "",
        bool(await _sims(mine)),
        f"{here.dated(due.start)}–{due.end.astimezone(here.zone):%H:%M}" if due else "",
    )


class _Known(NamedTuple):
    """Of all orders of a page: the SKUs of SIM cards; whom each is for; how many serial numbers each lacks."""

    sims: set[str]
    contacts: Mapping[str, OrderContact]
    lacking: Counter[str]


def _order_row(here: Frame, row: OrderRecord, lines: list[LineRecord], known: _Known) -> OrderRow:
    contact = known.contacts.get(row.id)
    address, due = contact.address if contact else None, _window(lines)
    return OrderRow(
        row.id,
        short(row.id),
        here.when(row.placed_at),
        " ".join(address.divisions) if address else "",
        _items(here, lines),
        any(line.state == LineState.ALLOCATED for line in lines),
        any(line.sku in known.sims for line in lines),
        span(due, here.request.state["clock"](), here.texts) if due else "",
        known.lacking[row.id],
        address is not None and address.is_in_letters,
    )


def _shipment_row(here: Frame, one: Shipment, lines: Sequence[LineRecord], latest: str) -> ShipmentRow:
    return ShipmentRow(
        of=f"{one.order_id}.{one.id}",
        short=short(one.order_id),
        carrier=carrier_name(one.carrier, here.texts),
        tracking=one.tracking,
        state=one.state,
        state_said=here.texts(STATES[ShipmentState(one.state)]),
        since=here.when(one.shipped_at),
        said=here.texts(SAID[Whereabouts(one.whereabouts)]) if one.whereabouts else "",
        signed=one.whereabouts == Whereabouts.SIGNED,
        latest=latest,
        real_name=one.real_name,
        items=_items(here, lines),
        under_way=one.state in UNDER_WAY,
    )


def _due(row: OrderRecord, paid: int, _refunded: int) -> str:
    due = row.goods + row.delivery_fee - paid
    return price(due) if due > 0 and row.state == OrderState.PLACED and row.pay_at == DELIVERY else ""


async def _sims(lines: Sequence[LineRecord]) -> set[str]:
    products = await products_by_sku([line.sku for line in lines])
    return {sku for sku, product in products.items() if product.kind is Kind.SIM}


def _items(here: Frame, lines: Sequence[LineRecord]) -> list[Item]:
    zh = here.texts.language.startswith("zh")
    return [
        Item(line.name_zh if zh else line.name_en, line.sku, line.quantity, ", ".join(pieces_of(line)))
        for line in lines
    ]


def _window(lines: Sequence[LineRecord]) -> Window | None:
    """When it is due at the door. All that a place sends of an order comes at once."""
    return next((line.window for line in lines if line.window), None)

"""What is done to what an order has sent: picked, shipped, delivered, failed, come back.

Each verb goes the way of every verb on an order (`orders.service.verbs`): once, in a transaction with its answer; then
the place does what is due with the stock. Raises OrderNotFoundError, and as said.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.idempotency import Answer
from o2o.kernel.ids import timely_id
from orders.delivery.errors import IdentityUncheckedError, wrong_shipment_state
from orders.delivery.models import Shipment, TrackingEvent
from orders.delivery.schemas import Deliver, Fail, Ship
from orders.delivery.states import SHIPMENT_STEPS, UNDER_WAY, ShipmentAction, ShipmentState
from orders.delivery.telling import tell_delivered, tell_failed, tell_shipped
from orders.models import LineRecord, OrderRecord
from orders.order_errors import NothingToDoError, wrong_line_state, wrong_order_state
from orders.products import products_by_sku
from orders.schemas import Kind
from orders.service.moving import Change, Deed, close_if_done, move_line, move_order, move_payment, note, touch
from orders.service.paying import check_paid
from orders.service.pieces import Serials, take_pieces
from orders.service.placing import settle
from orders.service.refunding import conclude
from orders.service.telling import tell_cancelled
from orders.service.verbs import change
from orders.state import OrdersState
from orders.states import (
    LEFT,
    Fulfilment,
    LineAction,
    LineState,
    OrderAction,
    OrderState,
    PaymentAction,
    PaymentState,
    StockState,
)

STAFF = "staff"
TO_SHIP = frozenset({LineState.ALLOCATED, LineState.PICKED})


class Sent(NamedTuple):
    """A shipment and its lines, in a transaction that has locked the order."""

    client: BaseDBAsyncClient
    row: OrderRecord
    lines: list[LineRecord]
    shipment: Shipment
    deed: Deed

    @property
    def inside(self) -> list[LineRecord]:
        return [line for line in self.lines if line.number in self.shipment.lines]

    def inside_in(self, states: Collection[LineState]) -> list[LineRecord]:
        return [line for line in self.inside if line.state in states]


async def pick(state: OrdersState, order: str, place: str, serials: Serials, attempt: Attempt) -> Answer:
    """What the order has at the place lies picked. Raises NothingToDoError, WrongStateError, as `take_pieces`."""

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        found = _sent_from(place, lines, frozenset({LineState.ALLOCATED}))
        _check_alive(row)
        await take_pieces(client, found, serials, needed=False)
        for line in found:
            await move_line(client, line, LineAction.PICK, deed)
        await touch(client, row, deed)

    await settle(state, order, Deed(attempt.actor, attempt.received))
    return await change(state, order, attempt, work)


async def ship(state: OrdersState, order: str, place: str, wish: Ship, attempt: Attempt) -> Answer:
    """All that the order has at the place leaves in one parcel.

    Raises NothingToDoError, WrongStateError, as `take_pieces`.
    """

    async def work(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        found = _sent_from(place, lines, TO_SHIP)
        _check_alive(row)
        check_paid(row)
        await take_pieces(client, found, wish.serials, needed=True)
        for line in found:
            if line.state == LineState.ALLOCATED:
                await move_line(client, line, LineAction.PICK, deed)
            await move_line(client, line, LineAction.SHIP, deed)
        shipment = await _write(client, row, found, wish, deed)
        await touch(client, row, deed)
        await tell_shipped(client, state, row, shipment, found)

    await settle(state, order, Deed(attempt.actor, attempt.received))
    return await change(state, order, attempt, work)


async def deliver(state: OrdersState, shipment: str, wish: Deliver, attempt: Attempt) -> Answer:
    """It is in its customer's hands. Raises IdentityUncheckedError, WrongStateError."""

    async def work(sent: Sent) -> None:
        if sent.shipment.real_name and not wish.identity_checked:
            raise IdentityUncheckedError
        sent.shipment.identity_checked = wish.identity_checked
        await _step(sent, ShipmentAction.DELIVER)
        for line in sent.inside_in({LineState.SHIPPED}):
            await move_line(sent.client, line, LineAction.DELIVER, sent.deed)
        await touch(sent.client, sent.row, sent.deed)
        await close_if_done(sent.client, sent.row, sent.lines, sent.deed)
        await tell_delivered(sent.client, state, sent.row, sent.shipment, sent.inside)

    return await _on(state, shipment, attempt, work)


async def fail(state: OrdersState, shipment: str, wish: Fail, attempt: Attempt) -> Answer:
    """Nobody took it. The lines stay on their way. Raises WrongStateError."""

    async def work(sent: Sent) -> None:
        before = sent.shipment.state
        await _step(sent, ShipmentAction.FAIL)
        data = {"shipment": sent.shipment.id}
        await note(
            sent.client, sent.row.id, Change("shipment.failed", before, sent.shipment.state, data=data), sent.deed
        )
        await _say(sent, wish.reason)
        await touch(sent.client, sent.row, sent.deed)
        await tell_failed(sent.client, state, sent.row, sent.shipment, sent.inside)

    return await _on(state, shipment, attempt, work, reason=wish.reason)


async def take_back(state: OrdersState, shipment: str, wish: Fail, attempt: Attempt) -> Answer:
    """It came back to its place and can be sold again, but for what a refund has accounted for.

    Nothing left of an unpaid order: it is cancelled. Of one that has more it is not to be paid any more. What was paid
    for it is given back by a refund, which a person does. Raises WrongStateError.
    """

    async def work(sent: Sent) -> None:
        await _step(sent, ShipmentAction.RETURN)
        for line in sent.inside_in(LEFT):
            await _back(sent, line)
        await _say(sent, wish.reason)
        await _conclude(state, sent)

    return await _on(state, shipment, attempt, work, reason=wish.reason)


def the_place(lines: Iterable[LineRecord], wished: str | None) -> str:
    """Where something of the order waits to be sent. Raises InvalidError when it has to be said which of several."""
    places = sorted({line.place for line in lines if line.fulfilment == Fulfilment.DELIVERY and line.state in TO_SHIP})
    if wished is not None:
        return wished
    if len(places) != 1:
        if not places:
            raise _nothing()
        raise InvalidError(_("It comes from several places: say which."), field="place", possible=places)
    return places[0]


def the_shipment(shipments: Iterable[Shipment], wished: str | None) -> Shipment:
    """The one that is meant. Raises InvalidError when several are under way, NothingToDoError when there is none."""
    found = list(shipments)
    if wished is not None:
        found = [one for one in found if one.id == wished]
    elif len(found) > 1:
        found = [one for one in found if one.state in UNDER_WAY] or found
    if not found:
        raise _nothing()
    if len(found) > 1:
        possible = [one.id for one in found]
        raise InvalidError(_("It left in several parcels: say which."), field="shipment", possible=possible)
    return found[0]


async def _on(
    state: OrdersState,
    shipment: str,
    attempt: Attempt,
    work: Callable[[Sent], Awaitable[None]],
    *,
    reason: str | None = None,
) -> Answer:
    order = (await Shipment.get(id=shipment)).order_id

    async def run(client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], deed: Deed) -> None:
        await work(Sent(client, row, lines, await Shipment.filter(id=shipment).using_db(client).get(), deed))

    return await change(state, order, attempt, run, reason=reason)


async def _step(sent: Sent, action: ShipmentAction) -> None:
    before, step = ShipmentState(sent.shipment.state), SHIPMENT_STEPS[action]
    if before not in step.sources:
        raise wrong_shipment_state(before)
    sent.shipment.state, sent.shipment.changed_at = step.target, sent.deed.at
    if step.target not in UNDER_WAY:
        sent.shipment.ask_at = None
    await sent.shipment.save(using_db=sent.client)


async def _write(
    client: BaseDBAsyncClient, row: OrderRecord, lines: list[LineRecord], wish: Ship, deed: Deed
) -> Shipment:
    products = await products_by_sku([line.sku for line in lines])
    return await Shipment.create(
        using_db=client,
        id=timely_id(deed.at),
        order_id=row.id,
        place=lines[0].place,
        lines=[line.number for line in lines],
        carrier=wish.carrier,
        tracking=wish.tracking,
        state=ShipmentState.SHIPPED,
        real_name=any(product.kind is Kind.SIM for product in products.values()),
        ask_at=deed.at,
        shipped_at=deed.at,
        changed_at=deed.at,
    )


async def _say(sent: Sent, text: str) -> None:
    """What our people know of the parcel, among what its carrier says."""
    values = {"shipment_id": sent.shipment.id, "at": sent.deed.at, "source": STAFF, "text": text}
    await TrackingEvent.create(using_db=sent.client, **values)


async def _back(sent: Sent, line: LineRecord) -> None:
    """What of the line is still out came back; of some units one by one, since the others are accounted for."""
    if line.out == 0:
        return
    whole = line.out == line.quantity
    await move_line(sent.client, line, LineAction.RETURN, sent.deed)
    if not whole:
        line.back += line.out
        line.stock_due = StockState.HANDED_OVER
    line.accounted = line.quantity
    await line.save(using_db=sent.client, update_fields=["back", "stock_due", "accounted"])


async def _conclude(state: OrdersState, sent: Sent) -> None:
    returned = [line for line in sent.lines if line.state == LineState.RETURNED]
    if len(returned) == len(sent.lines) and sent.row.payment == PaymentState.OPEN:
        move_payment(sent.row, PaymentAction.SHUT)
        await move_order(sent.client, sent.row, OrderAction.CANCEL, sent.deed)
        await tell_cancelled(sent.client, state, sent.row, sent.lines, sent.deed)
        return
    if sent.row.payment == PaymentState.OPEN:
        await _take_off(sent)
    if all(line.refunded == line.quantity for line in returned):
        await conclude(sent.client, sent.row, sent.lines, sent.deed)
    else:
        await touch(sent.client, sent.row, sent.deed)


async def _take_off(sent: Sent) -> None:
    """What came back unpaid is neither to be paid nor to be paid back any more."""
    for line in sent.inside_in({LineState.RETURNED}):
        sent.row.goods -= line.price * (line.quantity - line.refunded)
        line.refunded = line.quantity
        await line.save(using_db=sent.client, update_fields=["refunded"])


def _sent_from(place: str, lines: list[LineRecord], states: frozenset[LineState]) -> list[LineRecord]:
    mine = [line for line in lines if line.fulfilment == Fulfilment.DELIVERY and line.place == place]
    found = [line for line in mine if line.state in states]
    if not found:
        raise wrong_line_state(LineState(mine[0].state)) if mine else _nothing()
    return found


def _check_alive(row: OrderRecord) -> None:
    if row.state in {OrderState.CANCELLED, OrderState.CLOSED}:
        raise wrong_order_state(OrderState(row.state))


def _nothing() -> NothingToDoError:
    return NothingToDoError(_("Nothing of this order is to be sent from here."))

"""Reads of what is to be sent, and of what was."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from o2o.kernel.clock import from_ms, rfc3339
from o2o.kernel.database import connection
from o2o.kernel.statements import marks
from orders.delivery.carriers import Whereabouts
from orders.delivery.models import Shipment, TrackingEvent
from orders.delivery.schemas import ShownShipment, ShownTracking
from orders.delivery.states import ShipmentState
from orders.models import LineRecord, OrderRecord
from orders.order_queries import DELIVERY
from orders.states import Fulfilment, LineState, OrderState

MAY_LEAVE = Q(state=OrderState.PAID) | Q(state=OrderState.PLACED, pay_at=DELIVERY)
"""What is paid at the counter is not packed before."""
SENDABLE = (LineState.ALLOCATED, LineState.PICKED)
SHORT: Final = 6
"""So many of its last characters people say of an order's id."""
# From what is due in the whole country, which has an index: what a place has ever delivered only grows. With the place
# among the inner conditions SQLite would go through all of that for each order.
_DUE: Final = f"""
    SELECT id FROM orders WHERE state = '{OrderState.PLACED}' AND pay_at = '{DELIVERY}'
       AND {{place}} = (SELECT place FROM order_lines WHERE order_id = orders.id AND number = 1)
       AND EXISTS (SELECT 1 FROM shipments WHERE order_id = orders.id AND state = '{ShipmentState.DELIVERED}')
     ORDER BY placed_at, id LIMIT {{most}}
"""  # noqa: S608 - made of constants


async def shipments_of(order: str) -> list[Shipment]:
    """In the order in which they left."""
    return await Shipment.filter(order_id=order).order_by("shipped_at", "id")


async def shipments_from(place: str, states: Collection[ShipmentState], most: int) -> list[Shipment]:
    """Newest first."""
    # State by state, as the index has them in order: all together would be sorted first, however few are asked for.
    of_each = [Shipment.filter(place=place, state=state).order_by("-shipped_at", "-id").limit(most) for state in states]
    found = [one for query in of_each for one in await query]
    return sorted(found, key=lambda one: (one.shipped_at, one.id), reverse=True)[:most]


async def to_be_paid(place: str, most: int) -> list[OrderRecord]:
    """Delivered, and the money that was due at the door is not in the books yet; the oldest first.

    Where several places send, the money is the first line's (`orders.service.paying.place_of_money`).
    """
    rows = await connection().execute_query_dict(*marks(connection(), _DUE, {"place": place, "most": most}))
    return await OrderRecord.filter(id__in=[row["id"] for row in rows]).order_by("placed_at", "id")


async def tracking_of(shipments: Collection[str]) -> Mapping[str, list[TrackingEvent]]:
    """What is known of each parcel, newest first."""
    found: dict[str, list[TrackingEvent]] = defaultdict(list)
    for event in await TrackingEvent.filter(shipment_id__in=list(shipments)).order_by("-at", "-id"):
        found[event.shipment_id].append(event)
    return found


async def to_send(place: str, most: int) -> list[tuple[OrderRecord, list[LineRecord]]]:
    """The orders of which something waits at the place, the oldest first: so many to pick, and as many to ship."""
    to_pick = Q(id__in=_orders_with(place, [LineState.ALLOCATED]))
    picked = Q(id__in=_orders_with(place, [LineState.PICKED])) & ~to_pick
    orders = [
        row for part in (to_pick, picked) for row in await _may_leave(part).order_by("placed_at", "id").limit(most)
    ]
    by_order: dict[str, list[LineRecord]] = defaultdict(list)
    lines = _lines_at(place, SENDABLE).filter(order_id__in=[row.id for row in orders])
    for line in await lines.order_by("order_id", "number"):
        by_order[line.order_id].append(line)
    return [(row, by_order[row.id]) for row in sorted(orders, key=lambda row: (row.placed_at, row.id))]


async def order_meant(place: str, code: str) -> str | None:
    """The order that waits at the place with this id, or the only one that ends so, in any case of letters."""
    waiting = _may_leave(Q(id__in=_orders_with(place, SENDABLE)))
    if await waiting.filter(id=code).exists():
        return code
    found = await waiting.filter(id__iendswith=code).limit(2).values_list("id", flat=True) if len(code) >= SHORT else []
    return str(found[0]) if len(found) == 1 else None


async def shown_shipments(shipments: Collection[Shipment]) -> list[ShownShipment]:
    """As programs see them."""
    tracking = await tracking_of([one.id for one in shipments])
    return [_shown(one, tracking.get(one.id, [])) for one in shipments]


def _may_leave(which: Q) -> QuerySet[OrderRecord]:
    return OrderRecord.filter(which & MAY_LEAVE)


def _orders_with(place: str, states: Collection[LineState]) -> Subquery:
    """Their ids, to be looked up where they are: a place may have more of them than a statement takes values."""
    return Subquery(_lines_at(place, states).values("order_id"))


def _lines_at(place: str, states: Collection[LineState]) -> QuerySet[LineRecord]:
    return LineRecord.filter(place=place, fulfilment=Fulfilment.DELIVERY, state__in=list(states))


def _shown(shipment: Shipment, events: list[TrackingEvent]) -> ShownShipment:
    return ShownShipment(
        id=shipment.id,
        order=shipment.order_id,
        place=shipment.place,
        lines=shipment.lines,
        carrier=shipment.carrier,
        tracking=shipment.tracking,
        state=ShipmentState(shipment.state),
        whereabouts=Whereabouts(shipment.whereabouts) if shipment.whereabouts else None,
        real_name=shipment.real_name,
        identity_checked=shipment.identity_checked,
        shipped_at=rfc3339(from_ms(shipment.shipped_at)),
        tracking_events=[ShownTracking(rfc3339(from_ms(one.at)), one.source, one.text) for one in events],
    )

"""Where parcels are: what carriers push and what they are asked, recorded beside the orders.

A push may come twice, late, or after a newer one; each scan is kept once, and an older account of a parcel never
replaces a newer one. No line moves by it: that a parcel arrived, a person says (docs/decisions/0059).
"""

import logging
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from orders.contacts import read_contact
from orders.delivery.carriers import (
    FollowerAwayError,
    NotFollowedError,
    Parcel,
    Report,
    Scan,
    ShipmentNotFoundError,
    Whereabouts,
)
from orders.delivery.models import Shipment, TrackingEvent
from orders.delivery.states import UNDER_WAY
from orders.delivery.telling import tell_out_for_delivery
from orders.models import LineRecord
from orders.service.moving import locked
from orders.state import OrdersState

FOLLOW_PARCELS_S: Final = 30.0
AT_ONCE: Final = 50
"""So many parcels are looked after in one run of the job."""
RETRY_MS: Final = 10 * 60_000
SILENCE_MS: Final = 4 * 3_600_000
"""Kuaidi100 looks at a parcel every four hours; what it has not pushed by then is asked."""
AGAIN_MS: Final = 24 * 3_600_000
MOST_AGAIN: Final = 2
"""A parcel that was given up is followed anew after a day, so often. Then people look themselves."""
LONGEST_TEXT: Final = 300

log = logging.getLogger(__name__)


async def hear(state: OrdersState, shipment: str, report: Report) -> None:
    """Record what was said of a parcel. Raises ShipmentNotFoundError."""
    found = await Shipment.get_or_none(id=shipment)
    if found is None:
        raise ShipmentNotFoundError
    now = to_ms(state["clock"]())

    async def work(client: BaseDBAsyncClient) -> None:
        row, lines = await locked(client, found.order_id)
        known = await Shipment.filter(id=shipment).using_db(client).get()
        await _keep(client, shipment, state["follower"].name, report.scans)
        moved = _learn(known, report, now)
        await known.save(using_db=client)
        if moved and known.whereabouts == Whereabouts.OUT_FOR_DELIVERY and known.state in UNDER_WAY:
            await tell_out_for_delivery(client, state, row, known, _inside(known, lines))

    await transaction(work)


async def follow_parcels(state: OrdersState) -> None:
    """Have new parcels followed, and ask about those of which nothing was heard for long."""
    if not state["follower"].name:
        return
    now = to_ms(state["clock"]())
    due = Shipment.filter(ask_at__lte=now, state__in=list(UNDER_WAY)).order_by("ask_at").limit(AT_ONCE)
    for shipment in await due:
        # Whoever else looks at the same moment leaves it alone; and if we die now, it is tried again.
        mine = await Shipment.filter(id=shipment.id, ask_at=shipment.ask_at).update(ask_at=now + RETRY_MS)
        if mine:
            await _look_after(state, shipment, now)


async def _look_after(state: OrdersState, shipment: Shipment, now: int) -> None:
    follower, parcel = state["follower"], await _parcel(state, shipment)
    try:
        if not shipment.followed:
            await follower.follow(parcel)
            await Shipment.filter(id=shipment.id).update(followed=True, ask_at=now + SILENCE_MS)
        elif report := await follower.ask(parcel):
            await hear(state, shipment.id, report)
        else:
            await Shipment.filter(id=shipment.id).update(ask_at=now + SILENCE_MS)
    except FollowerAwayError as error:
        log.warning("follower_away", extra={"shipment": shipment.id, "reason": error.reason})
    except NotFollowedError as error:
        log.warning("parcel_not_followed", extra={"shipment": shipment.id, "reason": error.reason})
        await Shipment.filter(id=shipment.id).update(ask_at=None)


async def _parcel(state: OrdersState, shipment: Shipment) -> Parcel:
    """What a carrier has to know: not who receives it, only the phone number and the district."""
    contact = await read_contact(state["signer"], shipment.order_id)
    phone = (contact.phone or "").removeprefix("+86") if contact else ""
    where = contact.address if contact else None
    target = where.region.in_chinese if where else ""
    return Parcel(shipment.id, shipment.carrier, shipment.tracking, phone, target)


async def _keep(client: BaseDBAsyncClient, shipment: str, source: str, scans: tuple[Scan, ...]) -> None:
    events = [
        TrackingEvent(shipment_id=shipment, at=scan.at, source=source, text=scan.text[:LONGEST_TEXT]) for scan in scans
    ]
    if events:
        await TrackingEvent.bulk_create(events, ignore_conflicts=True, using_db=client)


def _learn(known: Shipment, report: Report, now: int) -> bool:
    """Whether the parcel is somewhere else since. An account that is older than what is known changes nothing."""
    newest = max((scan.at for scan in report.scans), default=None)
    if report.carrier:
        known.carrier = report.carrier
    known.ask_at = None if report.over or known.state not in UNDER_WAY else now + SILENCE_MS
    if report.given_up:
        _follow_again(known, now)
    if newest is not None and known.scanned_at is not None and newest < known.scanned_at:
        return False
    known.scanned_at = newest or known.scanned_at
    if report.whereabouts is None or report.whereabouts == known.whereabouts:
        return False
    known.whereabouts, known.changed_at = report.whereabouts, now
    return True


def _follow_again(known: Shipment, now: int) -> None:
    """Have a parcel followed anew, MOST_AGAIN times at most; ask about it until then.

    The same push twice counts once: the first marks it as not followed, so that the second has nothing to give up.
    """
    if known.state not in UNDER_WAY:
        return
    if known.followed and known.followed_again < MOST_AGAIN:
        known.followed, known.followed_again = False, known.followed_again + 1
    if not known.followed:
        known.ask_at = now + AGAIN_MS


def _inside(shipment: Shipment, lines: list[LineRecord]) -> list[LineRecord]:
    return [line for line in lines if line.number in shipment.lines]

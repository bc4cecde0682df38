"""Reads of stock from SQL: only what is committed."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q
from tortoise.functions import Max

from halls.models import StockAllocation, StockHold, StockLevel, StockMovement, StockSerial
from halls.stock.schemas import Allocation, Hold, Level, Movement
from halls.stock.states import AllocationState, HoldState, MovementKind, SerialState
from o2o.kernel.audit import place_tag
from o2o.kernel.database import connection
from o2o.kernel.models import Event
from o2o.kernel.statements import marks

OPERATIONS_MS: Final = 86_400_000  # A 2xx answer is given again for 24 h.


@dataclass(frozen=True, slots=True)
class PlaceSnapshot:
    """What a rebuild loads into Redis: rows as dictionaries without empty members, and the newest version."""

    version: int
    levels: list[dict[str, Any]]
    holds: list[dict[str, Any]]
    allocations: list[dict[str, Any]]
    serials: list[dict[str, Any]]
    operations: list[tuple[str, int]]


async def level(place: str, sku: str) -> Level:
    """What the place has of it; nothing where it never had any."""
    row = await StockLevel.get_or_none(place=place, sku=sku).values(*_LEVEL)
    return msgspec.convert(row, Level) if row else Level(place=place, sku=sku)


async def available_in_all(skus: Collection[str]) -> dict[str, int]:
    """How much of each product can be had, all places together; 0 where nobody ever had it."""
    if not skus:
        return {}
    named = {f"sku{n}": sku for n, sku in enumerate(skus)}
    statement, values = marks(
        connection(),
        f"""
        SELECT sku, SUM(on_hand - allocated - held) AS available FROM stock_levels
        WHERE sku IN ({_places_of(named)}) GROUP BY sku
        """,  # noqa: S608 - marks
        named,
    )
    rows = await connection().execute_query_dict(statement, values)
    return dict.fromkeys(skus, 0) | {row["sku"]: int(row["available"]) for row in rows}


async def available_at(skus: Collection[str], places: Collection[str]) -> dict[tuple[str, str], int]:
    """How much of each product can be had at each of the places, by (SKU, place); only where there is something.

    It costs what the named places cost, however many others have the product.
    """
    if not skus or not places:
        return {}
    named = {f"sku{n}": sku for n, sku in enumerate(skus)}
    there = {f"place{n}": place for n, place in enumerate(places)}
    statement, values = marks(
        connection(),
        f"""
        SELECT sku, place, on_hand - allocated - held AS available FROM stock_levels
        WHERE sku IN ({_places_of(named)}) AND place IN ({_places_of(there)}) AND on_hand - allocated - held > 0
        """,  # noqa: S608 - marks
        named | there,
    )
    rows = await connection().execute_query_dict(statement, values)
    return {(row["sku"], row["place"]): row["available"] for row in rows}


async def some_with(skus: Collection[str], most: int) -> dict[str, list[str]]:
    """Places where each product can be had, by id, at most so many of each."""
    if not skus:
        return {}
    named: dict[str, Any] = {f"sku{n}": sku for n, sku in enumerate(skus)}
    statement, values = marks(
        connection(),
        f"""
        SELECT sku, place FROM (
            SELECT sku, place, row_number() OVER (PARTITION BY sku ORDER BY place) AS number FROM stock_levels
            WHERE sku IN ({_places_of(named)}) AND on_hand - allocated - held > 0
        ) AS numbered WHERE number <= {{most}} ORDER BY sku, place
        """,  # noqa: S608 - marks
        named | {"most": most},
    )
    found: dict[str, list[str]] = {sku: [] for sku in skus}
    for row in await connection().execute_query_dict(statement, values):
        found[row["sku"]].append(row["place"])
    return found


async def levels_at(place: str) -> list[Level]:
    """Everything that the place ever had, by product."""
    return msgspec.convert(await StockLevel.filter(place=place).order_by("sku").values(*_LEVEL), list[Level])


async def hold_row(hold: str) -> Hold | None:
    row = await StockHold.get_or_none(id=hold).values()
    return msgspec.convert(row, Hold) if row else None


async def last_hold(ticket: str, hold: str) -> Hold | None:
    """What the ticket carries: the `hold` that it was issued with, or the one that was made for it later."""
    row = await StockHold.filter(Q(id=hold) | Q(ticket=ticket)).order_by("-created_at", "-id").first().values()
    return msgspec.convert(row, Hold) if row else None


async def carried_by(tickets: Collection[str]) -> list[Hold]:
    """What is kept for somebody with one of these tickets."""
    rows = StockHold.filter(state=HoldState.ACTIVE, ticket__in=list(tickets))
    return msgspec.convert(await rows.values(), list[Hold]) if tickets else []


async def carried_until(moment: int) -> list[Hold]:
    """What is kept for somebody with a ticket, until then (ms) at most; soonest to end first."""
    rows = StockHold.filter(state=HoldState.ACTIVE, expires_at__lte=moment, ticket__isnull=False)
    return msgspec.convert(await rows.order_by("expires_at").values(), list[Hold])


async def allocation_row(allocation: str) -> Allocation | None:
    row = await StockAllocation.get_or_none(id=allocation).values()
    return msgspec.convert(row, Allocation) if row else None


async def movements_of(place: str, sku: str, *, most: int = 100) -> list[Movement]:
    """Every change of what the place has of it, newest first."""
    rows = StockMovement.filter(place=place, sku=sku).order_by("-epoch", "-version").limit(most)
    return msgspec.convert(await rows.values(), list[Movement])


async def movements_at(place: str, *, most: int) -> list[Movement]:
    """Every change of what the place has, newest first. They are checked in a thread: there may be very many."""
    rows = StockMovement.filter(place=place).order_by("-epoch", "-version").limit(most)
    return await asyncio.to_thread(msgspec.convert, await rows.values(), list[Movement])


async def counted_at(place: str) -> dict[str, int]:
    """When (ms) each product was last counted there."""
    counted = StockMovement.filter(place=place, kind=MovementKind.COUNTED).annotate(last=Max("at")).group_by("sku")
    return dict(await counted.values_list("sku", "last"))


async def serials_at(place: str, sku: str) -> list[str]:
    """The numbers of the pieces that are here."""
    here = StockSerial.filter(place=place, sku=sku, state=SerialState.HERE).order_by("serial")
    return [str(serial) for serial in await here.values_list("serial", flat=True)]


async def places_of_serials(sku: str, serials: Collection[str]) -> dict[str, str]:
    """Where each of these pieces is, of those that are in stock."""
    here = StockSerial.filter(sku=sku, serial__in=list(serials), state=SerialState.HERE)
    return dict(await here.values_list("serial", "place")) if serials else {}


async def serials_of(allocation: str) -> list[str]:
    """The numbers of the pieces that left with it."""
    gone = StockSerial.filter(allocation=allocation, state=SerialState.GONE).order_by("serial")
    return [str(serial) for serial in await gone.values_list("serial", flat=True)]


async def places_with_due_holds(now: int) -> list[str]:
    """Where holds have ended that nobody has let go."""
    due = StockHold.filter(state=HoldState.ACTIVE, expires_at__lte=now)
    return [str(place) for place in await due.distinct().values_list("place", flat=True)]


async def lost_on_the_way(since: int, until: int) -> list[Movement]:
    """What left for another place between these moments (ms) and has not arrived."""
    arrived = "SELECT 1 FROM stock_movements AS came WHERE came.pair = sent.id"
    statement = f"""
        SELECT * FROM stock_movements AS sent
        WHERE kind IN ('transferred', 'returned') AND at > {{since}} AND at <= {{until}}
        AND pair IS NULL AND other IS NOT NULL AND NOT EXISTS ({arrived})
    """  # noqa: S608 - made of constants
    rows = await connection().execute_query_dict(*marks(connection(), statement, {"since": since, "until": until}))
    return msgspec.convert(rows, list[Movement])


async def has_arrived(sent: Movement) -> bool:
    return await StockMovement.filter(pair=sent.id).exists()


async def serials_sent(sent: Movement) -> list[str]:
    """The numbers of the pieces that left with a movement: their versions are those before its own."""
    gone = StockSerial.filter(place=sent.place, sku=sent.sku, state=SerialState.GONE, allocation__isnull=True)
    of_it = gone.filter(epoch=sent.epoch, version__gte=sent.version + sent.quantity, version__lt=sent.version)
    return [str(serial) for serial in await of_it.order_by("serial").values_list("serial", flat=True)]


async def read_snapshot(client: BaseDBAsyncClient, place: str, now: int) -> PlaceSnapshot:
    """Rule 4's later statements: what is live, and the highest version over all rows."""
    levels = await StockLevel.filter(place=place).using_db(client).values()
    holds = await StockHold.filter(place=place, state=HoldState.ACTIVE).using_db(client).values()
    promised = StockAllocation.filter(place=place, state=AllocationState.ALLOCATED).using_db(client)
    serials = StockSerial.filter(place=place, state=SerialState.HERE).using_db(client)
    recent = Event.filter(tag=place_tag(place), at__gt=now - OPERATIONS_MS).using_db(client)
    return PlaceSnapshot(
        version=await highest_version(client, place),
        levels=[_present(row) for row in levels],
        holds=[_present(row) for row in holds],
        allocations=[_present(row) for row in await promised.values()],
        serials=[_present(row) for row in await serials.values()],
        operations=list(await recent.values_list("op", "at")),
    )


async def highest_version(client: BaseDBAsyncClient, place: str) -> int:
    """Over all epochs; it is the newest one's, since each goes on from the highest."""
    newest = Event.filter(tag=place_tag(place)).using_db(client).order_by("-epoch", "-version")
    row = await newest.first().values("version")
    return row["version"] if row else 0


_LEVEL: Final = Level.__struct_fields__


def _places_of(named: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in named)


def _present(row: dict[str, Any]) -> dict[str, Any]:
    """Without the empty members: Lua's JSON has no plain null."""
    return {name: value for name, value in row.items() if value is not None}

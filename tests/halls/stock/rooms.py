"""Two halls and a warehouse with real SQL and Redis, and the processes that count their stock."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from booking.models import TABLES as LINE
from halls.models import TABLES as STOCK
from halls.models import StockAllocation, StockHold, StockLevel, StockMovement
from halls.schemas import HallInput
from halls.service import Directory, put_hall
from halls.stock.desks import Desks
from halls.stock.places import Places, WarehouseInput, put_warehouse
from halls.stock.queries import level
from halls.stock.schemas import Allocation, Hold, Level
from halls.stock.service import Stockroom
from halls.stock.store import PlaceStore
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.database import open_database
from o2o.kernel.http import Operation
from o2o.kernel.ledger import Ledger
from o2o.kernel.models import Event
from o2o.kernel.redis import RedisPair, open_redis
from tests.halls.stock.guards import deciding
from tests.serving import MovableClock

PLACES = ("heping", "nankai", "tianjin")
HALL = {"lon": 117.2, "province": "tianjin", "services": [{"id": "sim", "prefix": "A", "name": "SIM"}], "counters": []}
SKU = "phone-x200-black"
CLERK = "staff:clerk1"


class Process:
    """One process of the service: its own memory of places, epochs and clocks, the same SQL and Redis."""

    def __init__(self, stock: Stockroom, redis: RedisPair, clock: MovableClock) -> None:
        self.stock = stock
        self.redis = redis
        self.clock = clock

    def attempt(self, key: str | None = None, body: str = "") -> Attempt:
        return Attempt(Operation(key or secrets.token_urlsafe(16), body), CLERK, to_ms(self.clock()))

    async def receive(self, quantity: int, place: str = "heping", *serials: str, sku: str = SKU) -> Level:
        return await self.stock.receive(place, sku, quantity, self.attempt(), serials=serials)

    async def hold(self, quantity: int = 1, place: str = "heping", *, key: str | None = None, who: str = "li") -> Hold:
        return await self.stock.hold(place, SKU, quantity, self.attempt(key), holder=who)

    async def allocate(self, quantity: int = 1, place: str = "heping") -> Allocation:
        hold = await self.hold(quantity, place, who=secrets.token_hex(4))
        return await self.stock.allocate(hold.id, self.attempt(), line="order/1")

    async def sell(self, quantity: int = 1, place: str = "heping") -> Allocation:
        return await self.stock.hand_over((await self.allocate(quantity, place)).id, self.attempt())

    async def counts(self, place: str = "heping") -> tuple[int, int, int]:
        """on_hand, allocated, held: as SQL has it, which Redis has too."""
        kept = await level(place, SKU)
        raw = await self.redis.read.hget(f"{{place:{place}}}:levels", SKU)
        if raw:
            assert msgspec.json.decode(raw, type=Level) == kept
        return kept.on_hand, kept.allocated, kept.held

    async def trace(self) -> list[object]:
        """Everything that a verb leaves behind."""
        await self.stock.desks.close()
        tables = (Event, StockLevel, StockHold, StockAllocation, StockMovement)
        rows = [await table.all().order_by("id").values() for table in tables]
        names = ("levels", "holds", "allocations", "serials")
        return [*rows, *[await self.redis.read.hgetall(f"{{place:heping}}:{name}") for name in names]]

    async def forget(self) -> None:
        """Redis loses everything."""
        await self.redis.mutate.flushall()


@asynccontextmanager
async def places(database_url: str) -> AsyncIterator[MovableClock]:
    """The halls heping and nankai and the warehouse tianjin; yields the clock that their processes share."""
    clock = MovableClock()
    async with open_database(database_url):
        directory = Directory()
        for hall, lat in (("heping", 39.12), ("nankai", 39.14)):
            given = msgspec.convert({"name": hall, "lat": lat, **HALL}, HallInput)
            await put_hall(directory, hall, given, now=clock(), actor="o2o")
        warehouse = msgspec.convert(
            {"names": {"zh-CN": "天津仓", "en": "Tianjin"}, "lat": 39.0, "lon": 117.3, "province": "tianjin"},
            WarehouseInput,
        )
        await put_warehouse(Places(directory), "tianjin", warehouse, now=clock(), actor="o2o")
        yield clock


@asynccontextmanager
async def process(redis_url: str, folder: Path, clock: MovableClock) -> AsyncIterator[Process]:
    async with open_redis(redis_url, folder) as redis:
        ledger = Ledger(LINE | STOCK)
        desks = Desks(Places(Directory()), redis, ledger, clock)
        try:
            yield Process(Stockroom(desks), redis, clock)
        finally:
            await desks.close()
            await ledger.close()


@asynccontextmanager
async def processes(count: int, redis_url: str, folder: Path, clock: MovableClock) -> AsyncIterator[list[Process]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(process(redis_url, folder, clock)) for _ in range(count)]


async def together(*work: object) -> list[object]:
    return list(await asyncio.gather(*work, return_exceptions=True))  # type: ignore[call-overload]


def altered(old: str, new: str, *processes: Process) -> None:
    """Let these decide by a script with `new` in place of `old`, which must be there."""
    script = deciding(old, new)
    for one in processes:
        for desk in one.stock.desks._desks.values():
            assert isinstance(desk._store, PlaceStore)
            desk._store._script = script


async def levels_of(sku: str) -> list[Level]:
    """Every place that ever had the product, by place."""
    places = await StockLevel.filter(sku=sku).order_by("place").values_list("place", flat=True)
    return [await level(str(place), sku) for place in places]

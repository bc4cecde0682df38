"""What buyers were answered against what SQL and Redis say: orders, stock, allocations, money to the unit and fen."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from halls.models import StockAllocation, StockHold, StockLevel, StockMovement
from halls.stock.inspection import differences
from o2o.kernel.database import open_database
from o2o.kernel.redis import connect
from orders.models import LineRecord, MoneyEventRecord, OrderRecord
from tests.faults.buyers import PRICE, STOCK, Sale
from tests.faults.checker import Wrong
from tests.faults.operations import Known, Operation
from tests.orders.shop import SKU


class Books(NamedTuple):
    """Everything that SQL has of a sale; orders that were withdrawn are no orders."""

    orders: dict[str, OrderRecord]
    lines: list[LineRecord]
    levels: dict[str, tuple[int, int, int]]
    gone: dict[str, int]
    """By place, what its movements say was sold."""
    allocations: dict[str, StockAllocation]
    held: int
    money: dict[str, list[int]]


async def found_wrong(sale: Sale, redis_url: str) -> list[Wrong]:
    """All in which answers, SQL and Redis differ, or in which a hundred units are not just a hundred."""
    database = sale.installed.environ["O2O_DATABASE_URL"]
    async with open_database(database), connect(redis_url, Retry(NoBackoff(), 0)) as redis:
        books = await _books()
        apart = await asyncio.gather(*(differences(redis, place) for place in STOCK))
    return [
        *_answers(sale.recorder.operations, books),
        *_stock(books),
        *_allocations(books),
        *_money(books),
        *(Wrong("wrong", str(one)) for found in apart for one in found),
    ]


async def _books() -> Books:
    orders = {row.id: row for row in await OrderRecord.exclude(state="cancelled")}
    lines = [line for line in await LineRecord.filter(sku=SKU) if line.order_id in orders]
    levels = {row.place: (row.on_hand, row.allocated, row.held) for row in await StockLevel.filter(sku=SKU)}
    gone, money = Counter[str](), defaultdict[str, list[int]](list)
    for moved in await StockMovement.filter(sku=SKU, kind="sold"):
        gone[moved.place] -= moved.quantity
    for event in await MoneyEventRecord.all():
        money[event.order_id].append(event.amount)
    allocations = {row.id: row for row in await StockAllocation.filter(sku=SKU) if row.state != "released"}
    held = await StockHold.filter(sku=SKU, state="active").count()
    return Books(orders, lines, levels, dict(gone), allocations, held, dict(money))


def _answers(operations: Sequence[Operation], books: Books) -> Iterable[Wrong]:
    told = {one.answer["id"] for one in operations if one.path == "/orders" and one.known is Known.OK}
    yield from (Wrong("lost", f"order {order} was answered and is not there") for order in told - set(books.orders))
    yield from (Wrong("doubled", f"order {order} was told nobody") for order in set(books.orders) - told)
    for one in operations:
        sold_out = one.path == "/orders" and '"out_of_stock"' in str(one.answer)
        if one.known is not Known.OK and not sold_out:
            yield Wrong("wrong", f"{one.path} was answered {one.known}: {one.answer}")


def _stock(books: Books) -> Iterable[Wrong]:
    sold = Counter[str]()
    for line in books.lines:
        sold[line.place] += line.quantity
    for place, units in STOCK.items():
        if sold[place] != units:
            yield Wrong("doubled" if sold[place] > units else "lost", f"{sold[place]} of {units} sold in {place}")
        if books.levels[place] != (0, 0, 0) or books.gone.get(place) != units:
            yield Wrong("wrong", f"{place} has {books.levels[place]}, and {books.gone.get(place)} left it")
    if books.held:
        yield Wrong("wrong", f"{books.held} holds are left")


def _allocations(books: Books) -> Iterable[Wrong]:
    kept = {line.allocation: (line.place, line.quantity, "handed_over") for line in books.lines}
    have = {one.id: (one.place, one.quantity, str(one.state)) for one in books.allocations.values()}
    for name in sorted({name or "" for name in kept | have}):
        if kept.get(name) != have.get(name):
            yield Wrong("wrong", f"a line has {kept.get(name)}, and its place {have.get(name)}")


def _money(books: Books) -> Iterable[Wrong]:
    for order in sorted(books.orders.keys() | books.money):
        row, came = books.orders.get(order), books.money.get(order, [])
        due = row.goods + row.delivery_fee if row else 0
        if came != [due] or row is None or row.goods != PRICE:
            kind = "doubled" if sum(came) > due else "lost"
            yield Wrong(kind, f"{order} costs {due}, and there came {came}")

"""Reads of orders."""

from collections.abc import Collection, Mapping, Sequence

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.functions import Sum

from o2o.kernel.clock import from_ms, rfc3339
from o2o.kernel.database import connection
from orders.models import LineRecord, MoneyEventRecord, OrderRecord
from orders.money import money
from orders.order_errors import OrderNotFoundError
from orders.order_schemas import Order, OrderLine, PromisedWindow
from orders.states import ENDED, Fulfilment, LineState, OrderState, PaymentState

COUNTER = "counter"
DELIVERY = "delivery"


async def order_row(order: str) -> OrderRecord:
    """Raises OrderNotFoundError."""
    row = await OrderRecord.get_or_none(id=order)
    if row is None:
        raise OrderNotFoundError
    return row


async def lines_of(order: str) -> list[LineRecord]:
    return (await lines_of_each([order]))[order]


async def lines_of_each(orders: Collection[str]) -> Mapping[str, list[LineRecord]]:
    """By order, by number."""
    found: dict[str, list[LineRecord]] = {order: [] for order in orders}
    for line in await LineRecord.filter(order_id__in=list(orders)).order_by("order_id", "number"):
        found[line.order_id].append(line)
    return found


async def shown_order(order: str, client: BaseDBAsyncClient | None = None) -> Order:
    """As it is now; in a transaction, as that leaves it. Raises OrderNotFoundError."""
    client = client or connection()
    row = await OrderRecord.filter(id=order).using_db(client).first()
    if row is None:
        raise OrderNotFoundError
    lines = await LineRecord.filter(order_id=order).using_db(client).order_by("number")
    return shown(row, lines, await money_of(client, order))


async def money_of(client: BaseDBAsyncClient, order: str) -> tuple[int, int]:
    """What was received and what was given back, in fen."""
    return (await money_of_each(client, [order]))[order]


async def money_of_each(client: BaseDBAsyncClient, orders: Collection[str]) -> dict[str, tuple[int, int]]:
    """The same by order."""
    rows = (
        await MoneyEventRecord.filter(order_id__in=list(orders))
        .using_db(client)
        .annotate(sum=Sum("amount"))
        .group_by("order_id", "kind")
        .values("order_id", "kind", "sum")
    )
    sums = {(row["order_id"], row["kind"]): int(row["sum"]) for row in rows}
    return {order: (sums.get((order, "payment"), 0), -sums.get((order, "refund"), 0)) for order in orders}


def shown(row: OrderRecord, lines: Sequence[LineRecord], money_moved: tuple[int, int]) -> Order:
    paid, refunded = money_moved
    return Order(
        id=row.id,
        state=OrderState(row.state),
        hall=row.hall,
        shown_in=row.shown_in,
        lines=[_line(line) for line in lines],
        delivery_fee=money(row.delivery_fee),
        total=money(row.goods + row.delivery_fee),
        payment=PaymentState(row.payment),
        pay_at="counter" if row.pay_at == COUNTER else "delivery",
        pay_by=rfc3339(from_ms(row.pickup_until)) if row.pickup_until else None,
        paid=money(paid),
        refunded=money(refunded),
        placed_at=rfc3339(from_ms(row.placed_at)),
        version=row.version,
    )


async def orders_behind(before: int) -> list[str]:
    """Orders of which a place has not done yet what was due at that moment (ms), those that wait longest first."""
    # In the index's own order: PostgreSQL takes what is nearly no line for nearly all, and would read them all.
    rows = await connection().execute_query_dict(
        "SELECT order_id FROM order_lines WHERE (stock <> stock_due OR back <> back_done) "  # noqa: S608 - an int
        f"AND changed_at < {int(before)} ORDER BY changed_at"
    )
    return list(dict.fromkeys(row["order_id"] for row in rows))


async def orders_over(orders: Sequence[str], before: int) -> list[str]:
    """Those of which nothing is under way or owed, and nothing has changed since that moment (ms)."""
    still = OrderRecord.filter(id__in=list(orders), changed_at__lt=before).exclude(state=OrderState.PLACED)
    found = [str(order) for order in await still.values_list("id", flat=True)]
    under_way = LineRecord.filter(order_id__in=found).exclude(state__in=list(ENDED))
    busy = {str(order) for order in await under_way.values_list("order_id", flat=True)}
    return [order for order in found if order not in busy]


async def not_collected(now: int) -> list[str]:
    """Orders with something to pick up that was kept until now (ms) or less."""
    found = OrderRecord.filter(pickup_until__lte=now, state__in=[OrderState.PLACED, OrderState.PAID]).limit(200)
    return [str(order) for order in await found.order_by("pickup_until").values_list("id", flat=True)]


def _line(line: LineRecord) -> OrderLine:
    return OrderLine(
        line=line.number,
        sku=line.sku,
        name={"zh-CN": line.name_zh, "en": line.name_en},
        price=money(line.price),
        quantity=line.quantity,
        fulfilment=Fulfilment(line.fulfilment),
        place=line.place,
        state=LineState(line.state),
        window=_window(line),
        refunded=line.refunded,
    )


def _window(line: LineRecord) -> PromisedWindow | None:
    window = line.window
    return PromisedWindow(rfc3339(window.start), rfc3339(window.end)) if window else None

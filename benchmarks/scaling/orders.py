"""What an order costs from wish to hand-over: held, allocated, written, paid, handed over, and told of."""

from collections.abc import Iterator
from itertools import count, islice
from typing import Final

import msgspec

from benchmarks.load import Script, poster
from benchmarks.scaling.ground import CLIENTS, ROUNDS, Ground
from benchmarks.scaling.spending import US, Spent, cheapest

SKU: Final = "case-x200"
PIECES: Final = 50_000
FIRST: Final = 100
# A number and no time: tables grow by many pages at once, so that of few orders each seems to leave a lot.
EACH_ROUND: Final = 400
REQUESTS: Final = 3


class _Ordered(msgspec.Struct):
    id: str
    pickup_code: str


_ordered = msgspec.json.Decoder(_Ordered)


async def measure(ground: Ground) -> dict[str, float]:
    hall = ground.halls[3]
    await ground.bench.send("POST", f"/places/{hall}/stock/{SKU}/receipts", {"quantity": PIECES, "reason": "bench"})
    phones = count(13_800_000_000)
    await _bought(ground, hall, islice(phones, FIRST))
    await ground.rest()
    (wal, size), events = await ground.written(), await ground.events_there()
    each = cheapest([await _bought(ground, hall, islice(phones, EACH_ROUND)) for _ in range(ROUNDS)])
    orders = ROUNDS * EACH_ROUND
    wal_now, size_now = await ground.written()
    return {
        "order_service_us": US * each.service,
        "order_redis_us": US * each.redis,
        "order_sql_us": US * each.sql,
        "order_wal_bytes": (wal_now - wal) / orders,
        "order_sql_bytes": (size_now - size) / orders,
        "order_events": (await ground.events_there() - events) / orders,
    }


async def _bought(ground: Ground, hall: str, phones: Iterator[int]) -> Spent:
    spent, answers = await ground.load([_buying(hall, phones, ground.bench.token) for _ in range(CLIENTS)])
    return spent.each(answers / REQUESTS)


def _buying(hall: str, phones: Iterator[int], token: str) -> Script:
    """One order after the other, each by somebody else: placed, paid at the counter, handed over by its code."""
    for phone in phones:
        wish = {"hall": hall, "lines": [{"sku": SKU, "quantity": 1}], "fulfilment": "pickup", "phone": str(phone)}
        order = _ordered.decode((yield poster("/api/v1/orders", wish)()))
        path = f"/api/v1/orders/{order.id}"
        yield poster(f"{path}/payment", {"method": "cash"}, token=token)()
        yield poster(f"{path}/handover", {"pickup_code": order.pickup_code}, token=token)()

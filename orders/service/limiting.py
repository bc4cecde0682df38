"""How much of a product one person may have."""

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.functions import Sum

from o2o.kernel.database import connection, is_postgres
from orders.models import LineRecord, OrderRecord
from orders.order_errors import LimitPerPersonError
from orders.service.planning import Plan
from orders.states import LineState, OrderState


async def check_limits(client: BaseDBAsyncClient, planned: Plan) -> None:
    """Raises LimitPerPersonError. One person's orders come one after the other from here on."""
    limited = {part.product.sku: part.product for part in planned.parts if part.product.limit_per_person is not None}
    if not limited:
        return
    await _wait_for_others_of(client, planned.holder)
    had = await _had(client, planned.holder, list(limited))
    for sku, product in limited.items():
        left = (product.limit_per_person or 0) - had.get(sku, 0)
        if sum(part.quantity for part in planned.parts if part.product.sku == sku) > left:
            name = product.names.in_language(planned.language)
            raise LimitPerPersonError(sku, name, product.limit_per_person or 0, max(left, 0))


async def _wait_for_others_of(client: BaseDBAsyncClient, holder: str) -> None:
    mark = "$1" if is_postgres(connection()) else "?"
    await client.execute_query(
        f"INSERT INTO order_buyers (holder, orders) VALUES ({mark}, 1) "  # noqa: S608 - a mark
        "ON CONFLICT (holder) DO UPDATE SET orders = order_buyers.orders + 1",
        [holder],
    )


async def _had(client: BaseDBAsyncClient, holder: str, skus: list[str]) -> dict[str, int]:
    orders = OrderRecord.filter(holder=holder).exclude(state=OrderState.CANCELLED).using_db(client)
    lines = LineRecord.filter(order_id__in=await orders.values_list("id", flat=True), sku__in=skus)
    kept = lines.exclude(state=LineState.RETURNED).using_db(client)
    rows = (
        await kept.annotate(had=Sum("quantity"), back_units=Sum("back"))
        .group_by("sku")
        .values("sku", "had", "back_units")
    )
    return {row["sku"]: int(row["had"]) - int(row["back_units"] or 0) for row in rows}

"""What delivery costs, as headquarters have set it: read from SQL, changed with a note in the audit."""

from collections.abc import Mapping

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.audit import EVERYWHERE as ALL
from o2o.kernel.audit import Difference, Done, note
from o2o.kernel.database import transaction
from orders.delivery.fees import Rate
from orders.delivery.models import DeliveryRate


async def all_rates() -> Mapping[str, Rate]:
    """By province; `*` is every other one."""
    return {row.province: _rate(row) for row in await DeliveryRate.all().order_by("province")}


async def set_rate(rate: Rate, *, actor: str, at: int) -> Rate:
    """Let this hold from now on (`at`, ms)."""

    async def work(client: BaseDBAsyncClient) -> Rate:
        row = await DeliveryRate.select_for_update(using_db=client).get_or_none(province=rate.province)
        before = _told(_rate(row)) if row else None
        if before == _told(rate):
            return rate
        values = {name: value for name, value in _told(rate).items() if name != "province"}
        await DeliveryRate.update_or_create(defaults=values, province=rate.province, using_db=client)
        done = Done("delivery.rate_set", actor, at, rate.province)
        await note(client, done, [ALL], Difference(before, _told(rate)))
        return rate

    return await transaction(work)


async def remove_rate(province: str, *, actor: str, at: int) -> None:
    """Let what holds everywhere hold there again. One that is not there is gone already."""

    async def work(client: BaseDBAsyncClient) -> None:
        row = await DeliveryRate.select_for_update(using_db=client).get_or_none(province=province)
        if row is None:
            return
        await row.delete(using_db=client)
        await note(client, Done("delivery.rate_removed", actor, at, province), [ALL], Difference(_told(_rate(row))))

    await transaction(work)


def _rate(row: DeliveryRate) -> Rate:
    return Rate(row.province, row.fee, row.free_from, row.days)


def _told(rate: Rate) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(rate)
    return told

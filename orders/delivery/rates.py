"""What delivery costs, as headquarters have set it: read from SQL, changed with a note in the audit."""

from collections.abc import Mapping

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.audit import EVERYWHERE as ALL
from o2o.kernel.audit import Difference, Done, note
from o2o.kernel.database import transaction
from o2o.kernel.statements import insert_new
from orders.delivery.fees import Rate
from orders.delivery.models import DeliveryRate


async def all_rates() -> Mapping[str, Rate]:
    """By province; `*` is every other one."""
    return {row.province: _rate(row) for row in await DeliveryRate.all().order_by("province")}


async def set_rate(rate: Rate, *, actor: str, at: int) -> Rate:
    """Let this hold from now on (`at`, ms)."""

    async def work(client: BaseDBAsyncClient) -> Rate:
        row = await _row(client, rate.province)
        # Who finds that another has just set the first one comes after them.
        while row is None and not await insert_new(client, DeliveryRate._meta.db_table, ("province",), _told(rate)):
            row = await _row(client, rate.province)
        before = _told(_rate(row)) if row else None
        if before == _told(rate):
            return rate
        if row is not None:
            await row.update_from_dict(_told(rate)).save(using_db=client)
        done = Done("delivery.rate_set", actor, at, rate.province)
        await note(client, done, [ALL], Difference(before, _told(rate)))
        return rate

    return await transaction(work)


async def remove_rate(province: str, *, actor: str, at: int) -> None:
    """Let what holds everywhere hold there again. One that is not there is gone already."""

    async def work(client: BaseDBAsyncClient) -> None:
        row = await _row(client, province)
        if row is None:
            return
        await row.delete(using_db=client)
        await note(client, Done("delivery.rate_removed", actor, at, province), [ALL], Difference(_told(_rate(row))))

    await transaction(work)


async def _row(client: BaseDBAsyncClient, province: str) -> DeliveryRate | None:
    """Nobody else changes it before the transaction ends."""
    return await DeliveryRate.select_for_update(using_db=client).get_or_none(province=province)


def _rate(row: DeliveryRate) -> Rate:
    return Rate(row.province, row.fee, row.free_from, row.days)


def _told(rate: Rate) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(rate)
    return told

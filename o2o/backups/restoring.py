"""Carry a restore out, as planned: the database, its fences, the numbers that are kept back, and an empty Redis."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from tortoise.backends.base.client import BaseDBAsyncClient

from booking.service.floors import raise_floors
from halls.service import Directory, outrun_revisions
from o2o.backups.contents import Of
from o2o.backups.engine import Engine
from o2o.backups.planning import Plan
from o2o.kernel.clock import from_ms
from o2o.kernel.database import open_database, transaction
from o2o.kernel.migrating import migrate
from o2o.kernel.models import Backup
from o2o.kernel.redis import masters, open_redis
from o2o.kernel.settings import Settings
from o2o.kernel.statements import raised_fences

OURS: Final = ("{hall:*", "{place:*", "{o2o:*", "o2o:*")
"""How every key of ours begins."""
AT_ONCE: Final = 1000


async def carry_out(plan: Plan, settings: Settings, engine: Engine, file: Path) -> list[str]:
    """Returns what the operator should know. Raises BackupError; then the old database is as it was.

    The epochs come first and Redis last: whoever still knows anything of the lost hours is refused from the moment that
    the restored database can be seen, whether or not Redis can be emptied.
    """

    async def finish(url: str) -> None:
        await _finish(url, plan)

    said = await engine.restore(file, plan.above, finish, plan.now)
    return [line for line in (said, await _empty_redis(settings)) if line]


async def _finish(url: str, plan: Plan) -> None:
    """Complete the restored database, which nobody serves from yet."""
    await migrate(url)
    async with open_database(url):
        floors = await _floors(plan)

        async def work(client: BaseDBAsyncClient) -> None:
            await client.execute_query(raised_fences(plan.above))
            await outrun_revisions(client, plan.now)
            await raise_floors(client, floors)
            if latest := await Backup.all().using_db(client).order_by("-id").first():
                latest.restored_at = plan.now
                await latest.save(using_db=client)

        await transaction(work)


async def _floors(plan: Plan) -> Mapping[Of, int]:
    """Up to which number nothing is given: what people may have, and `skip` more in every line of the day."""
    floors: dict[Of, int] = {of: last + plan.skip for of, last in plan.given.items()}
    for hall in await Directory().all():
        day = hall.business_day(from_ms(plan.now)).isoformat()
        for service in hall.services:
            of = Of(hall.id, day, service.prefix)
            floors.setdefault(of, plan.backup.numbers.get(of, 0) + plan.skip)
    return floors


async def _empty_redis(settings: Settings) -> str:
    if settings.redis_url is None:
        return ""
    async with open_redis(settings.redis_url, settings.data_dir) as redis:
        try:
            for server in await masters(redis.mutate):
                await _empty(server)
        except (RedisError, OSError) as error:
            return f"Redis could not be emptied ({error}); nothing of it counts any more, and it is loaded anew"
    return "Redis was emptied of everything that is o2o's; each hall is loaded from SQL when somebody asks for it"


async def _empty(server: Redis) -> None:
    """Take what is ours out of one server: a key at a time, since in a cluster each may be of another slot."""
    for pattern in OURS:
        while keys := [key async for key in server.scan_iter(match=pattern, count=AT_ONCE)]:
            pipeline = server.pipeline(transaction=False)
            for key in keys:
                pipeline.unlink(key)
            await pipeline.execute()

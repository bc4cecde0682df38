"""What each place has, as Redis counts it, beside SQL."""

from collections.abc import AsyncIterator
from typing import Final

from redis.exceptions import RedisError
from tortoise.exceptions import BaseORMException

from halls.stock.inspection import Difference, differences, places_with_stock
from o2o.doctor.finding import Finding, fine, wrong
from o2o.kernel.claim import embedded_url
from o2o.kernel.database import open_database, sqlite_file
from o2o.kernel.redis import open_redis
from o2o.kernel.settings import Settings

NAMED: Final = 5


async def examine_stock(settings: Settings) -> AsyncIterator[Finding]:
    """Says nothing where there is no stock, or SQL or Redis can't be asked: that has been said."""
    if (file := sqlite_file(settings.database_url)) and not file.exists():
        return
    url = settings.redis_url or embedded_url(settings.data_dir)
    try:
        async with open_database(settings.database_url):
            places = await places_with_stock()
            if not places:
                return
            if url is None:
                yield fine("stock", f"{len(places)} places with stock; nobody serves them just now")
                return
            async with open_redis(url, settings.data_dir) as redis:
                found = {place: await differences(redis.read, place) for place in places}
    except (BaseORMException, RedisError, OSError):
        return
    for place, different in found.items():
        if different:
            yield wrong("stock.differ", f"{place}: {_said(different)}", f"run `o2o rebuild {place}`")
    if not any(found.values()):
        yield fine("stock", f"{len(places)} places with stock; Redis and SQL agree about each")


def _said(different: list[Difference]) -> str:
    said = ", ".join(
        f"{one.sku} is {_counted(one.in_redis)} in Redis, {_counted(one.in_sql)} in SQL" for one in different[:NAMED]
    )
    return said + (f" and {len(different) - NAMED} more" if len(different) > NAMED else "")


def _counted(counts: tuple[int, int, int] | None) -> str:
    return "missing" if counts is None else "{} here, {} allocated, {} held".format(*counts)

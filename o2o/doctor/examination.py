"""Everything that is looked at, in an order in which the first finding that is wrong is the one to begin with."""

from collections.abc import AsyncIterator, Mapping

from o2o.doctor.clocks import examine_calendar
from o2o.doctor.configuration import examine_configuration
from o2o.doctor.disk import examine_disk
from o2o.doctor.finding import Finding
from o2o.doctor.halls import examine_halls
from o2o.doctor.redis import examine_redis
from o2o.doctor.sql import examine_sql
from o2o.doctor.stock import examine_stock
from o2o.kernel.clock import Clock
from o2o.kernel.settings import Settings


async def examine(settings: Settings, environ: Mapping[str, str], clock: Clock) -> AsyncIterator[Finding]:
    """Every finding, as it is found."""
    for finding in (*examine_configuration(settings, environ), *examine_disk(settings), examine_calendar(clock())):
        yield finding
    async for finding in examine_sql(settings, clock):
        yield finding
    async for finding in examine_redis(settings, clock):
        yield finding
    async for finding in examine_halls(settings, clock):
        yield finding
    async for finding in examine_stock(settings):
        yield finding

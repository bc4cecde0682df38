"""What time brings: jobs that find what is due and call a verb for it, run by the process that leads."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from time import perf_counter
from typing import Final, NamedTuple

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import Histogram
from redis.exceptions import ClusterDownError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from tortoise.exceptions import DBConnectionError, OperationalError

from booking import jobs
from booking.archive import TICKETS
from halls.stock import jobs as stock
from messages.jobs import ERASE_S as SWEEP_S
from messages.jobs import SEND_S, erase_contacts
from messages.mail import channels
from messages.sending import Sending
from o2o.kernel import idempotency
from o2o.kernel.archive import EVENTS, Archive
from o2o.kernel.erasing import ERASE_S
from o2o.kernel.errors import UnavailableError
from o2o.kernel.leader import Leadership
from orders import jobs as order_jobs
from orders.delivery.following import FOLLOW_PARCELS_S, follow_parcels
from orders.state import OrdersState
from orders.watching import LOOK_S, Waiting, sweep_watchers

SWEEP_ANSWERS_S: Final = 3600.0
ARCHIVE_S: Final = 1.0
FINISH_S: Final = 5.0  # A job that is under way at the end may finish; running it again would be harmless too.
AWAY: Final = (
    UnavailableError,
    OperationalError,
    DBConnectionError,
    RedisConnectionError,
    RedisTimeoutError,
    ClusterDownError,
    OSError,
)
"""SQL or Redis is away: nobody's mistake, and the next run finds them again."""

log = logging.getLogger(__name__)
_seconds = Histogram("o2o_job_seconds", "Time a job took", ("job",))


class Job(NamedTuple):
    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]


def all_jobs(state: OrdersState) -> list[Job]:
    settings, clock = state["settings"], state["clock"]
    archive = Archive((TICKETS, EVENTS), settings.archive_days, clock, state["line"].rests)
    sending = Sending(channels(settings, clock), state["signer"], settings.base_url, clock)
    return [
        Job("settle", jobs.SETTLE_S, lambda: jobs.settle(state["line"])),
        Job("settle_stock", stock.SETTLE_S, lambda: stock.settle(state["stock"])),
        Job("compare_stock", stock.COMPARE_S, stock.Comparison(state["stock"]).step),
        Job("finish_transfers", stock.ARRIVE_S, stock.Transfers(state["stock"]).step),
        Job("sweep_answers", SWEEP_ANSWERS_S, lambda: idempotency.sweep(clock)),
        Job("follow_stock", order_jobs.FOLLOW_STOCK_S, order_jobs.Following(state).step),
        Job("put_back", order_jobs.PUT_BACK_S, lambda: order_jobs.put_back(state)),
        Job("follow_tickets", jobs.FOLLOW_S, lambda: jobs.follow_tickets(state["stock"], clock)),
        Job("keep_carried", jobs.KEEP_S, lambda: jobs.keep_carried(state["stock"], clock)),
        Job("archive", ARCHIVE_S, archive.step),
        Job("follow_parcels", FOLLOW_PARCELS_S, lambda: follow_parcels(state)),
        Job("send_messages", SEND_S, sending.step),
        Job("tell_watchers", LOOK_S, Waiting(clock).step),
        Job("sweep_watchers", SWEEP_S, lambda: sweep_watchers(settings.messages_days, clock)),
        Job("erase_ticket_contacts", ERASE_S, jobs.erasing(settings.messages_days, clock).step),
        Job("erase_order_contacts", ERASE_S, order_jobs.erasing(settings.contacts_days, clock).step),
        Job("erase_contacts", SWEEP_S, lambda: erase_contacts(settings.messages_days, clock)),
    ]


@asynccontextmanager
async def run_jobs(due: Sequence[Job], leadership: Leadership) -> AsyncIterator[None]:
    """Run each job in its interval while the block runs and this process leads.

    apscheduler is only a ticker: in UTC (its cron skips midnights where clocks change), never a run beside another of
    the same job, and a late one runs once. Nothing is wrong when a tick is missed; it only comes later.
    """
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
    running: set[asyncio.Task[None]] = set()
    put_off: set[str] = set()

    async def run(job: Job) -> None:
        if leadership.leads:
            task = asyncio.create_task(_run(job, put_off))
            running.add(task)
            task.add_done_callback(running.discard)
            await task

    for job in due:
        scheduler.add_job(run, "interval", [job], seconds=job.every_s, id=job.name)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.pause()
        if running:
            await asyncio.wait(running, timeout=FINISH_S)
        scheduler.shutdown(wait=False)


async def _run(job: Job, put_off: set[str]) -> None:
    """What is away is said once a job, until that has run again: `put_off` are those that wait."""
    started = perf_counter()
    try:
        await job.work()
        put_off.discard(job.name)
    except AWAY as error:
        if job.name not in put_off:
            log.warning("job_put_off", extra={"job": job.name, "error": repr(error)})
        put_off.add(job.name)
    except Exception:
        log.exception("job_failed", extra={"job": job.name})
    _seconds.labels(job.name).observe(perf_counter() - started)

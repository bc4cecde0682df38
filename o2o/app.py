"""The composition: every package's routes, and what the lifespan opens for them."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.types import Receive, Scope, Send
from tortoise.exceptions import DBConnectionError, OperationalError
from typing_extensions import override

import booking.clerk.pages
import booking.endpoints
import booking.manage.counters
import booking.manage.hours
import booking.manage.pages
import booking.manage.pausing
import booking.manage.rules
import booking.manage.services
import booking.pages
import o2o.codes.endpoints
import o2o.codes.pages
import o2o.codes.shelf_endpoints
import o2o.codes.shelf_pages
import o2o.outbox.endpoints
import o2o.outbox.pages
import orders.basket_page
import orders.checkout
import orders.clerk.pages
import orders.closing
import orders.delivery.endpoints
import orders.delivery.pages
import orders.delivery.shipment_endpoints
import orders.hold_endpoints
import orders.order_endpoints
import orders.order_page
import orders.product_endpoints
import orders.product_pages
import orders.stock.counting
import orders.stock.endpoints
import orders.stock.files
import orders.stock.pages
import orders.takings
import orders.watching_endpoints
import qr.endpoints
import staff.endpoints
import staff.pages
import websocket.dashboard
import websocket.pages
import websocket.screens
from booking import hall_endpoints, staff_endpoints
from booking.current import Current
from booking.models import TABLES as LINE
from booking.service.arrivals import Arrivals
from booking.service.calling import Calling
from booking.service.line import Line
from booking.service.moving import Moving
from halls.models import TABLES as STOCK
from halls.service import Directory
from halls.stock.desks import Desks
from halls.stock.places import Places
from halls.stock.service import Stockroom
from o2o.checks import ensure_sound
from o2o.codes import scanning
from o2o.kernel import health
from o2o.kernel.clock import Clock, system_clock
from o2o.kernel.database import open_database
from o2o.kernel.draining import Drain, told_to_end
from o2o.kernel.idempotency import Answers
from o2o.kernel.leader import standing_by
from o2o.kernel.ledger import Ledger
from o2o.kernel.limits import Limits
from o2o.kernel.logging import access_log, configure_logging
from o2o.kernel.metrics import forget_the_dead
from o2o.kernel.middleware import RequestMiddleware, identify
from o2o.kernel.openapi import document_route
from o2o.kernel.pages import share
from o2o.kernel.problems import HANDLERS
from o2o.kernel.processes import end_with_who_started_us
from o2o.kernel.redis import RedisPair, open_redis
from o2o.kernel.routing import IndexedRouter
from o2o.kernel.settings import Settings, read_settings
from o2o.kernel.signing import Signer
from o2o.kernel.static import CachedFiles
from o2o.worker import all_jobs, run_jobs
from orders.delivery.follower import follower_of
from orders.latecomers import Latecomers
from orders.products import Products, names_of
from orders.rules import Rules
from orders.sourcing import Sourcing
from orders.state import OrdersState
from qr.scans import open_scans
from staff import audit_endpoints, audit_pages, key_endpoints, people_endpoints, people_pages
from websocket import pairing_endpoints, streams
from websocket.clients import client_rules
from websocket.closing import close_codes
from websocket.state import LiveState, open_live

# A socket is some hundred objects that stay. At its default pace (700) the collector looks at the young ones so often
# that connecting 2,000 sockets took a third longer.
GC_THRESHOLDS: Final = (50_000, 20, 20)
RETRY_S: Final = 1.0

log = logging.getLogger(__name__)


class Application(Starlette):
    """Sockets go straight to their route: what stands around a request is about its answer."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        identify(scope)
        await self.router.app(scope, receive, send)


def create_app(settings: Settings, clock: Clock = system_clock) -> Starlette:
    access = access_log(demo=settings.demo)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with AsyncExitStack() as stack:
            state = await _opened(stack, settings, clock)
            state["drain"].begin_at_sigterm(settings.drain_seconds)
            leadership = await stack.enter_async_context(standing_by(state["redis"].mutate, worker=False))
            await stack.enter_async_context(run_jobs(all_jobs(state), leadership))
            if access:
                stack.callback(access.flush)
            yield LiveState(**state, reception=await stack.enter_async_context(open_live(state)))

    share(close_codes=close_codes(), client_rules=client_rules())
    app = Application(
        middleware=[Middleware(RequestMiddleware, https=settings.https, access=access)], exception_handlers=HANDLERS
    )
    app.router = IndexedRouter(routes(), lifespan=lifespan)
    return app


def create_app_from_environment() -> Starlette:
    """What uvicorn calls in each process that serves."""
    gc.set_threshold(*GC_THRESHOLDS)
    settings = read_settings()
    configure_logging(demo=settings.demo)
    if settings.workers > 1:
        end_with_who_started_us()
        forget_the_dead()
    return create_app(settings)


async def _opened(stack: AsyncExitStack, settings: Settings, clock: Clock) -> OrdersState:
    """The open state. One of several workers was begun when all was there: what is away since, it waits for."""
    while True:
        try:
            return await stack.enter_async_context(open_state(settings, clock))
        except (OperationalError, DBConnectionError, RedisConnectionError, RedisTimeoutError) as error:
            if settings.workers == 1 or told_to_end():
                raise
            log.warning("backend_away", extra={"error": repr(error)})
            await asyncio.sleep(RETRY_S)


@asynccontextmanager
async def open_state(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[OrdersState]:
    """SQL, Redis and the services over them. What was opened last is closed first, when its work is done."""
    settings.make_data_dir()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_database(settings.database_url, connections=settings.connections))
        redis = await stack.enter_async_context(open_redis(settings.redis_url, settings.data_dir))
        await ensure_sound(client, redis, production=settings.production)
        yield await stack.enter_async_context(open_services(settings, clock, redis))


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock, redis: RedisPair) -> AsyncIterator[OrdersState]:
    """What one process keeps in its memory, over an open database."""
    async with AsyncExitStack() as stack:
        signer, directory, ledger = Signer(settings.secret_keys), Directory(), Ledger(LINE | STOCK)
        stack.push_async_callback(ledger.close)
        line = Line(directory, redis, ledger, clock)
        stack.push_async_callback(line.close)
        places, rules = Places(directory), Rules()
        desks = Desks(places, redis, ledger, clock)
        stock, sourcing = Stockroom(desks), Sourcing(places, rules, clock)
        stack.push_async_callback(desks.close)
        yield OrdersState(
            settings=settings,
            clock=clock,
            redis=redis,
            signer=signer,
            ledger=ledger,
            drain=Drain(),
            limits=Limits(redis, enabled=settings.rate_limits),
            directory=directory,
            line=line,
            current=Current(clock),
            arrivals=Arrivals(line, signer, stock),
            calling=Calling(line, stock),
            moving=Moving(line),
            places=places,
            answers=Answers(clock),
            products=Products(),
            rules=rules,
            sourcing=sourcing,
            latecomers=Latecomers(stock, directory, sourcing, clock),
            follower=follower_of(settings, signer),
            stock=stock,
            scans=await stack.enter_async_context(open_scans()),
            names_of_goods=names_of,
        )


def routes() -> list[BaseRoute]:
    """Every route, in the order in which they are tried."""
    api = _api()
    static = Mount("/static", CachedFiles(), name="static")
    return [*api, *_pages(), *streams.routes, *health.routes, document_route([*api, *health.routes]), static]


def _api() -> list[BaseRoute]:
    return [
        *booking.endpoints.routes,
        *staff_endpoints.routes,
        *hall_endpoints.routes,
        *pairing_endpoints.routes,
        *staff.endpoints.routes,
        *people_endpoints.routes,
        *key_endpoints.routes,
        *audit_endpoints.routes,
        *orders.product_endpoints.routes,
        *orders.hold_endpoints.routes,
        *orders.order_endpoints.routes,
        *orders.closing.routes,
        *orders.delivery.endpoints.routes,
        *orders.delivery.shipment_endpoints.routes,
        *orders.stock.endpoints.routes,
        *qr.endpoints.routes,
        *scanning.routes,
        *o2o.codes.endpoints.routes,
        *o2o.codes.shelf_endpoints.routes,
        *o2o.outbox.endpoints.routes,
        *orders.watching_endpoints.routes,
    ]


def _pages() -> list[BaseRoute]:
    return [
        *booking.pages.routes,
        *booking.clerk.pages.routes,
        *booking.manage.pages.routes,
        *booking.manage.pausing.routes,
        *booking.manage.rules.routes,
        *booking.manage.services.routes,
        *booking.manage.counters.routes,
        *booking.manage.hours.routes,
        *orders.clerk.pages.routes,
        *orders.product_pages.routes,
        *orders.basket_page.routes,
        *orders.checkout.routes,
        *orders.order_page.routes,
        *orders.stock.pages.routes,
        *orders.takings.routes,
        *orders.stock.counting.routes,
        *orders.stock.files.routes,
        *orders.delivery.pages.routes,
        *o2o.codes.pages.routes,
        *o2o.codes.shelf_pages.routes,
        *o2o.outbox.pages.routes,
        *staff.pages.routes,
        *people_pages.routes,
        *audit_pages.routes,
        *websocket.dashboard.routes,
        *websocket.screens.routes,
        *websocket.pages.routes,
    ]

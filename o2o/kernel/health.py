"""Is it alive, is it ready, and the figures."""

import asyncio
from collections.abc import Awaitable
from typing import Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.database import connection
from o2o.kernel.http import reply
from o2o.kernel.metrics import exposition
from o2o.kernel.openapi import documented
from o2o.kernel.state import KernelState

PATIENCE_S: Final = 2


class Alive(msgspec.Struct, frozen=True):
    alive: bool


class Ready(msgspec.Struct, frozen=True, omit_defaults=True):
    """`draining`: it answers still, and will end in a moment."""

    ready: bool
    sql: bool
    redis: bool
    draining: bool = False


@documented(resp={200: Alive})
async def show_alive(_request: Request[KernelState]) -> Response:
    """The process answers; whether what it needs does is /readyz's to say."""
    return reply(Alive(alive=True))


@documented(resp={200: Ready, 503: Ready})
async def show_ready(request: Request[KernelState]) -> Response:
    """200 when SQL and Redis answer and it is to stay, else 503; which of them is in the body."""
    sql, redis = await asyncio.gather(
        _answers(connection().execute_query("SELECT 1")), _answers(request.state["redis"].read.ping())
    )
    draining = request.state["drain"].begun
    ready = sql and redis and not draining
    return reply(Ready(ready, sql, redis, draining), 200 if ready else 503)


@documented(resp={200: None}, media="text/plain")
async def show_metrics(_request: Request[KernelState]) -> Response:
    """What Prometheus reads."""
    return Response(exposition(), media_type=CONTENT_TYPE_LATEST)


async def _answers(question: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await question
    except Exception:  # noqa: BLE001 - each library has its own errors, and every one of them means no
        return False
    return True


routes: list[BaseRoute] = [
    Route("/healthz", show_alive, name="alive"),
    Route("/readyz", show_ready, name="ready"),
    Route("/metrics", show_metrics, name="metrics"),
]

"""A service with the pairing's routes and two halls; and a hall that is announced over a real Redis."""

import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from staff import endpoints as staff_endpoints
from staff import pages as staff_pages
from tests.ports import free_port
from tests.serving import Service, add_halls, add_people, serve
from tests.stack import redis_program
from tests.websocket.places import Place, display, listener_of, listening, serving
from websocket import pages, pairing_endpoints, screens
from websocket.hub import Hub
from websocket.subscription import Subscription


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    routes = [*staff_endpoints.routes, *staff_pages.routes, *pairing_endpoints.routes, *screens.routes, *pages.routes]
    async with serve(tmp_path, routes) as service:
        await add_people("clerk1", "clerk5", "manager", "hq")
        await add_halls(service, "heping", "nankai")
        yield service


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    arguments = ["--port", str(port), "--save", "", "--dir", str(folder), "--logfile", str(folder / "redis.log")]
    with subprocess.Popen([redis_program(), *arguments]) as server:
        _wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def place(redis: Redis) -> Place:
    return Place(redis)


@pytest.fixture
async def hub(place: Place, redis_url: str) -> AsyncIterator[Hub]:
    """A hub that hears what the place announces."""
    hub = Hub(place.sources())
    async with listening(Subscription(listener_of(redis_url), hub.hear, hub.look_again)):
        yield hub
    await hub.close()


@pytest.fixture
async def url(hub: Hub) -> AsyncIterator[str]:
    """Where the hub's displays connect."""
    async with serving(display(hub)) as address:
        yield address


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("Redis did not start")

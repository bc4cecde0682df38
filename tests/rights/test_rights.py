"""Every route and every stream × everybody: who is let in. One without a row in `rows.py` fails.

To be let in is to get past who one is: any answer but 401, 403, 404 and being sent to sign in first; of a stream, a
picture and an answer to each kind of message.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from starlette.routing import Mount, Route, WebSocketRoute

from o2o.app import routes
from tests.rights.requests import BODIES
from tests.rights.rows import (
    EVERYBODY,
    KEYS,
    LET_IN,
    LOCKED,
    NO_MATTER_WHO,
    SAID,
    STILL_OPEN,
    STREAMS,
    keys_let_in,
)
from tests.rights.watcher import Watcher
from tests.rights.world import World, open_world
from websocket.frames import MESSAGES
from websocket.state import open_live

pytestmark = pytest.mark.once

of_one_world = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with open_world(tmp_path_factory.mktemp("rights")) as world:
        yield world


def test_every_route_has_a_row() -> None:
    methods = [(route, method) for route in routes() if isinstance(route, Route) for method in route.methods or ()]

    assert {f"{method} {route.path}" for route, method in methods if method != "HEAD"} == set(LET_IN)
    assert all(isinstance(route, Route | WebSocketRoute | Mount) for route in routes())


def test_every_stream_and_every_message_has_a_row() -> None:
    assert {route.path for route in routes() if isinstance(route, WebSocketRoute)} == set(STREAMS)
    assert {message.__struct_config__.tag for message in MESSAGES} == set(SAID)


@of_one_world
@pytest.mark.parametrize("route", sorted(set(LET_IN) - NO_MATTER_WHO))
async def test_those_are_let_in_who_may(world: World, route: str) -> None:
    everybody = sorted(EVERYBODY | KEYS | {LOCKED})
    locked_too = {LOCKED} if route in STILL_OPEN or "anonymous" in LET_IN[route] else set()

    let_in = {who for who in everybody if await world.lets_in(route, who)}

    assert let_in == LET_IN[route] | keys_let_in(route) | locked_too


@of_one_world
@pytest.mark.parametrize("route", sorted(NO_MATTER_WHO))
async def test_some_answer_everybody_the_same(world: World, route: str) -> None:
    method, path = route.split()
    bearers = ("", await world.bearer("hq", {}))

    answers = [await world.write(path, bearer, method, content=BODIES.get(route, "")) for bearer in bearers]

    assert answers[0].status_code == answers[1].status_code


@of_one_world
@pytest.mark.parametrize("stream", sorted(STREAMS))
async def test_those_watch_who_may(world: World, stream: str) -> None:
    ticket = await world.ticket()
    path = await world.address(stream, ticket["id"])

    async with AsyncExitStack() as opened:
        for state in world.service.states:  # As the application of each process does.
            reception = await opened.enter_async_context(open_live(state))
            state["reception"] = reception  # type: ignore[typeddict-unknown-key]
        watching = {
            who
            for who in sorted(EVERYBODY | KEYS | {LOCKED})
            if await Watcher(world.service, path, await world.bearer(who, ticket)).watches()
        }

    assert watching == STREAMS[stream] | (KEYS if "manager" in STREAMS[stream] else frozenset())

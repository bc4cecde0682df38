"""SQL, Redis or both are away for a while: what each actor is told, what can still be read, and that all goes on."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import pytest
from redis.asyncio import Redis

from booking.store import hall_key
from tests.faults.actors import HTML, Actors, actors, refused_for_now
from tests.faults.checker import events, wrongs
from tests.faults.guards import Guard, without
from tests.faults.operations import Known, Recorder
from tests.faults.people import Crowd, taken_in
from tests.faults.report import Account
from tests.installation import Installation
from tests.postgres import PostgresServer
from tests.servers import RedisServer

pytestmark = pytest.mark.slow
REDIS_IS_AWAY = Guard("o2o/kernel/problems.py", "    RedisConnectionError: unavailable,\n", "")
REFUSED_BEFORE_REDIS = Guard(
    "o2o/kernel/ledger.py", "        if self._away_since is None:\n            return\n", "        return\n"
)
COME = 30
AWAY_S, LONG_AWAY_S = 10, 60  # Longer than any patience of the service with either of them.

Outage = Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def without_redis(redis: RedisServer) -> AsyncIterator[None]:
    await redis.kill()
    yield
    await redis.start()


@asynccontextmanager
async def without_sql(server: PostgresServer) -> AsyncIterator[None]:
    server.kill()
    yield
    await asyncio.to_thread(server.start)


async def lived_through(installed: Installation, outage: AbstractAsyncContextManager[None], account: Account) -> Actors:
    """People come all the while. Nobody is told anything but 503; all that was answered is in SQL, once."""
    crowd = Crowd(installed, patient=False)
    async with installed.serving(), actors(installed) as people:
        async with crowd.coming():
            await crowd.until(10)
            async with outage:
                await asyncio.sleep(LONG_AWAY_S if account.thorough else AWAY_S)
                people.read, people.ready = await people.look(), await people.customer.get("/readyz")
                people.done = await people.act("away")
                back = time.monotonic()
            await crowd.more(10)
        account.disturbances = 1
        account.silent_s.append(crowd.recorder.silence_after(back))
        again, later = await people.act("away"), await people.look()

    assert "job_failed" not in installed.log.read_text()  # It is nobody's mistake.
    assert all(refused_for_now(answer) for answer in people.done.values())
    assert all(crowd.refused)
    assert {answer.status_code for answer in again.values()} == {201}
    assert {name: answer.status_code for name, answer in later.items()} == dict.fromkeys(later, 200)
    history = await events(installed.environ["O2O_DATABASE_URL"])
    issued = [event for event in history if event["name"] == "ticket.issued"]
    found = wrongs(issued, crowd.recorder, {people.taken.id, taken_in(again["take a number"]).id})
    account.note(crowd.recorder, found)
    assert found == []
    return people


async def test_without_redis_tickets_are_still_read(
    installed: Installation, redis: RedisServer, account: Account
) -> None:
    people = await lived_through(installed, without_redis(redis), account)

    assert people.ready.json() == {"ready": False, "sql": True, "redis": False}
    assert people.read["ticket"].status_code == 200
    assert people.read["ticket, by a program"].status_code == 200
    assert says_to_try_again(people, "hall")


@pytest.mark.postgres
async def test_without_sql_everybody_is_told_to_come_back(
    installed: Installation, server: PostgresServer, account: Account
) -> None:
    people = await lived_through(installed, without_sql(server), account)

    assert people.ready.json() == {"ready": False, "sql": False, "redis": True}
    assert says_to_try_again(people, "ticket")


@pytest.mark.postgres
async def test_without_both(
    installed: Installation, redis: RedisServer, server: PostgresServer, account: Account
) -> None:
    @asynccontextmanager
    async def without_both() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(without_redis(redis))
            await stack.enter_async_context(without_sql(server))
            yield

    people = await lived_through(installed, without_both(), account)

    assert people.ready.json() == {"ready": False, "sql": False, "redis": False}
    assert says_to_try_again(people, "ticket", "finder")


async def answer_to_a_look(installed: Installation, outage: AbstractAsyncContextManager[None]) -> int:
    """The status of the hall's page, which a customer reloads meanwhile."""
    async with installed.serving(), actors(installed) as people, outage:
        return (await people.customer.get("/halls/nankai", headers=HTML)).status_code


@pytest.mark.thorough
async def test_control_a_redis_that_is_away_would_be_a_mistake_of_ours(
    installed: Installation, redis: RedisServer
) -> None:
    without(installed, REDIS_IS_AWAY)

    assert await answer_to_a_look(installed, without_redis(redis)) == 500


async def given_in_vain(installed: Installation, server: PostgresServer, redis_client: Redis) -> int:
    """How many numbers Redis has given while SQL was away, and everybody was told to come back."""
    installed.environ["O2O_WORKERS"] = "1"
    recorder, meta = Recorder(), hall_key("nankai", "meta")
    async with installed.serving(), installed.client() as client:
        await Crowd(installed).take(client)  # What is read from SQL beforehand is known for ten seconds now.
        async with without_sql(server):
            before = await redis_client.hget(meta, "version")
            for _ in range(COME):
                await recorder.invoke("/halls/nankai/tickets", {"service": "sim"}).ask(client)
            after = await redis_client.hget(meta, "version")
    assert len(recorder.which(Known.UNKNOWN)) == COME
    return int(after or 0) - int(before or 0)


@pytest.mark.postgres
async def test_without_sql_redis_hears_only_of_who_finds_out(
    installed: Installation, server: PostgresServer, redis_client: Redis
) -> None:
    assert await given_in_vain(installed, server, redis_client) <= 1


@pytest.mark.postgres
async def test_control_asking_redis_first_gives_numbers_to_people_who_were_sent_away(
    installed: Installation, server: PostgresServer, redis_client: Redis
) -> None:
    without(installed, REFUSED_BEFORE_REDIS)

    assert await given_in_vain(installed, server, redis_client) > 1


def says_to_try_again(people: Actors, *pages: str) -> bool:
    """A page says that nothing is lost, leads to itself, and asks again by itself."""
    return all(
        refused_for_now(people.read[page])
        and "nothing that was confirmed is lost" in people.read[page].text.replace("&#39;", "'")
        and f'href="{people.read[page].url.path}" data-controller="again"' in people.read[page].text
        for page in pages
    )

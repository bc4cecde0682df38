"""A PostgreSQL server that is killed or silent, and comes back: it is found again, and has what was committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import DBConnectionError, OperationalError

from o2o.kernel.database import open_database, transaction
from o2o.kernel.models import Fence
from o2o.kernel.postgres import CONNECTIONS
from tests.kernel.test_database import TAG, Work, count_up
from tests.kernel.test_postgres import stranger
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
async def mortal(mortal_postgres: PostgresServer) -> AsyncIterator[BaseDBAsyncClient]:
    """A client of the server that can be killed."""
    async with open_database(mortal_postgres.url("postgres")) as client:
        await client.execute_script("CREATE TABLE fences (tag text PRIMARY KEY, epoch bigint)")
        await Fence.create(tag=TAG, epoch=0)
        yield client


async def soon(work: Work) -> None:
    """As whoever repeats it: it works within some seconds."""
    async with asyncio.timeout(60):
        while True:
            with suppress(OperationalError):
                await transaction(work)
                return
            await asyncio.sleep(0.05)


class TestAServerThatIsKilled:
    async def test_is_away_and_found_again_and_has_what_was_committed(
        self, mortal_postgres: PostgresServer, mortal: BaseDBAsyncClient
    ) -> None:
        await transaction(count_up)
        mortal_postgres.kill()
        for _ in range(2 * CONNECTIONS):
            with pytest.raises(OperationalError):
                await transaction(count_up)
        with pytest.raises(OperationalError):
            await Fence.all().count()
        mortal_postgres.start()

        await soon(count_up)

        assert (await Fence.get(tag=TAG)).epoch == 2

    async def test_in_the_middle_of_a_transaction_is_an_operational_error(
        self, mortal_postgres: PostgresServer, mortal: BaseDBAsyncClient
    ) -> None:
        async def killed(client: BaseDBAsyncClient) -> None:
            await count_up(client)
            mortal_postgres.kill()
            await count_up(client)

        with pytest.raises(OperationalError):
            await transaction(killed)
        mortal_postgres.start()

        await soon(count_up)

        assert (await Fence.get(tag=TAG)).epoch == 1

    async def test_is_said_at_the_start(self, mortal_postgres: PostgresServer) -> None:
        mortal_postgres.kill()

        with pytest.raises(DBConnectionError, match="PostgreSQL"):
            async with open_database(mortal_postgres.url("postgres")):
                pass

    async def test_so_is_a_database_that_is_not_there(self, mortal_postgres: PostgresServer) -> None:
        with pytest.raises(DBConnectionError, match="nowhere"):
            async with open_database(mortal_postgres.url("nowhere")):
                pass


async def test_a_server_that_is_silent_lets_nobody_wait_for_ever(
    mortal_postgres: PostgresServer, mortal: BaseDBAsyncClient
) -> None:
    with mortal_postgres.silent():
        async with asyncio.timeout(40):
            with pytest.raises(OperationalError):
                await transaction(count_up)
            with pytest.raises(OperationalError):
                await Fence.all().count()

    await soon(count_up)

    assert (await Fence.get(tag=TAG)).epoch == 1


class TestSynchronousCommit:
    async def count_in_vain(self, mortal_postgres: PostgresServer, level: str) -> tuple[int, int]:
        """How many commits were answered before the server was killed, and how many it has afterwards."""
        async with stranger(mortal_postgres.url("postgres")) as session:
            await session.execute("CREATE TABLE counted (n int)")
            await session.execute(f"SET synchronous_commit = {level}")
            for n in range(50):
                await session.execute("INSERT INTO counted VALUES ($1)", n)
            mortal_postgres.kill()
        mortal_postgres.start()
        async with stranger(mortal_postgres.url("postgres")) as session:
            return 50, await session.fetchval("SELECT count(*) FROM counted")

    async def test_what_was_answered_survives_a_kill(self, mortal_postgres: PostgresServer) -> None:
        assert await self.count_in_vain(mortal_postgres, "on") == (50, 50)

    async def test_with_it_off_answers_are_lost(self, mortal_postgres: PostgresServer) -> None:
        mortal_postgres.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        mortal_postgres.execute("SELECT pg_reload_conf()")

        answered, kept = await self.count_in_vain(mortal_postgres, "off")

        assert kept < answered

"""What Tortoise's PostgreSQL backend does wrong, and ours does not: every wait has an end, every error a meaning."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import asyncpg
import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContextPooled
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError, ValidationError
from tortoise.transactions import in_transaction  # noqa: TID251 - the control is what is forbidden

from o2o.kernel.database import open_database, transaction
from o2o.kernel.models import Fence
from o2o.kernel.postgres import ACQUIRE_S, COMMAND_S, CONNECT_S, CONNECTIONS, SESSION, BoundedClient
from o2o.kernel.statements import set_fence
from tests.kernel.test_database import TAG, Work, count_up

pytestmark = pytest.mark.postgres
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


@pytest.fixture
async def client(database: str) -> AsyncIterator[BaseDBAsyncClient]:
    async with open_database(database) as client:
        await Fence.create(tag=TAG, epoch=0)
        yield client


async def bare_transaction(work: Work) -> None:
    async with in_transaction() as client:
        await work(client)


async def stand_still(client: BaseDBAsyncClient) -> None:
    await client.execute_query("SELECT epoch FROM fences FOR UPDATE")
    await asyncio.Event().wait()


@asynccontextmanager
async def stranger(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Another program's connection, without any of our limits."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        connection.terminate()


class TestCancelledTransactions:
    async def test_tortoises_own_lose_the_connection(
        self, client: BaseDBAsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            BoundedClient,
            "_in_transaction",
            lambda self: TransactionContextPooled(TransactionWrapper(self), self._pool_init_lock),
        )
        for n in range(300):
            task = asyncio.create_task(bare_transaction(count_up))
            await asyncio.sleep(n % 30 * 0.0001)
            task.cancel()
            await asyncio.wait([task], timeout=0.5)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.gather(*(bare_transaction(count_up) for _ in range(CONNECTIONS)))


class TestEveryWaitHasAnEnd:
    async def test_for_a_free_connection(self, client: BaseDBAsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        all_busy = asyncio.Barrier(CONNECTIONS + 1)

        async def stay(_client: BaseDBAsyncClient) -> None:
            await all_busy.wait()
            await asyncio.Event().wait()

        busy = [asyncio.create_task(bare_transaction(stay)) for _ in range(CONNECTIONS)]
        async with asyncio.timeout(60):
            await all_busy.wait()
        monkeypatch.setattr("o2o.kernel.postgres.ACQUIRE_S", 0.2)

        with pytest.raises(OperationalError):
            await transaction(count_up)
        with pytest.raises(OperationalError):
            await Fence.all().count()
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

        await transaction(count_up)

    async def test_of_a_pool_of_two_the_third_waits(self, database: str) -> None:
        async with open_database(database, connections=2):
            await Fence.create(tag=TAG, epoch=0)
            enough = asyncio.Event()
            busy = [asyncio.create_task(transaction(lambda _: enough.wait())) for _ in range(2)]
            third = asyncio.create_task(transaction(count_up))
            done, _ = await asyncio.wait([third], timeout=1)
            enough.set()
            await asyncio.gather(third, *busy)

            assert not done
            assert (await Fence.get(tag=TAG)).epoch == 1

    async def test_for_somebody_elses_lock(self, database: str) -> None:
        async with open_database(database, {"lock_timeout": "100ms"}), stranger(database) as other:
            await Fence.create(tag=TAG, epoch=0)
            async with other.transaction():
                await other.execute("SELECT epoch FROM fences FOR UPDATE")
                with pytest.raises(OperationalError, match="LockNotAvailable"):
                    await transaction(count_up)

            await transaction(count_up)

    async def test_for_a_statement_that_takes_too_long(self, database: str) -> None:
        async with open_database(database, {"statement_timeout": "100ms"}) as client:
            await Fence.create(tag=TAG, epoch=0)
            with pytest.raises(OperationalError, match="QueryCanceled"):
                await client.execute_query("SELECT pg_sleep(60)")

            await transaction(count_up)

    async def test_for_a_server_that_takes_a_connection_and_says_nothing(self, tmp_path: Path) -> None:
        begun = monotonic()
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.bind(str(tmp_path / ".s.PGSQL.5432"))
            deaf.listen()
            with pytest.raises(DBConnectionError, match="PostgreSQL"):
                async with asyncio.timeout(60), open_database(f"postgres://o2o@/o2o?host={tmp_path}"):
                    pass

        assert monotonic() - begun >= CONNECT_S

    async def test_for_a_process_of_ours_that_stands_still_in_a_transaction(self, database: str) -> None:
        session = {"idle_in_transaction_session_timeout": "200ms"}
        async with open_database(database, session), stranger(database) as other:
            await Fence.create(tag=TAG, epoch=0)
            frozen = asyncio.create_task(bare_transaction(stand_still))
            await asyncio.sleep(0.1)

            async with asyncio.timeout(60):
                await other.execute("SELECT epoch FROM fences FOR UPDATE")

            frozen.cancel()
            await asyncio.gather(frozen, return_exceptions=True)
            await transaction(count_up)

            assert (await Fence.get(tag=TAG)).epoch == 1


class TestTheLimits:
    async def test_are_in_force_in_each_session(self, client: BaseDBAsyncClient) -> None:
        limits = [name for name in SESSION if name.endswith("_timeout")]
        rows = [await client.execute_query_dict(f"SHOW {name}") for name in limits]

        assert {name: row[name] for name, (row,) in zip(limits, rows, strict=True)} == {
            name: SESSION[name] for name in limits
        }

    def test_are_those_that_operating_md_lists(self) -> None:
        rows = [line.split(" | ") for line in OPERATING.read_text().splitlines() if line.startswith("| ")]
        listed = {name.strip("| `"): value for name, value, *_ in (row for row in rows if len(row) > 2)}
        ours = {name: value for name, value in SESSION.items() if name.endswith("_timeout")}
        ours |= {"a new connection": f"{CONNECT_S:.0f}s", "a free connection": f"{ACQUIRE_S:.0f}s"}
        ours |= {"an answer": f"{COMMAND_S:.0f}s"}

        assert {name: listed.get(name, "").replace(" ", "") for name in ours} == ours


class TestErrors:
    @pytest.mark.parametrize("tag", ["with\x00nothing", "lone \ud800", 7])
    async def test_a_value_that_can_not_be_held_is_told_from_a_database_that_is_away(
        self, client: BaseDBAsyncClient, tag: object
    ) -> None:
        with pytest.raises(ValidationError):
            await client.execute_query("SELECT epoch FROM fences WHERE tag = $1", [tag])

    async def test_a_number_that_is_too_large_too(self, client: BaseDBAsyncClient) -> None:
        with pytest.raises(ValidationError):
            await client.execute_query("UPDATE fences SET epoch = $1", [2**63])

    async def test_what_is_there_twice_is_an_integrity_error(self, client: BaseDBAsyncClient) -> None:
        with pytest.raises(IntegrityError):
            await Fence.create(tag=TAG, epoch=0)

    async def test_two_who_wait_for_each_other_are_told_to_try_again(self, client: BaseDBAsyncClient) -> None:
        await Fence.create(tag="hall:nankai", epoch=0)
        met = asyncio.Barrier(2)

        async def both(client: BaseDBAsyncClient, *tags: str) -> None:
            await Fence.filter(tag=tags[0]).using_db(client).update(epoch=1)
            await met.wait()
            await Fence.filter(tag=tags[1]).using_db(client).update(epoch=1)

        tags = (TAG, "hall:nankai")
        results = await asyncio.gather(
            transaction(lambda client: both(client, *tags)),
            transaction(lambda client: both(client, *reversed(tags))),
            return_exceptions=True,
        )

        assert {type(result) for result in results} == {type(None), OperationalError}


class TestIsolation:
    async def test_a_statement_sees_what_was_committed_before_it_whatever_the_databases_own_default_is(
        self, database: str
    ) -> None:
        async with stranger(database) as other:
            (name,) = await other.fetchrow("SELECT current_database()")
            await other.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")

        async with open_database(database):
            rows = await transaction(lambda client: client.execute_query_dict("SHOW transaction_isolation"))

        assert rows == [{"transaction_isolation": "read committed"}]

    async def test_reading_and_writing_without_the_fences_lock_loses_changes(self, client: BaseDBAsyncClient) -> None:
        async def unlocked(client: BaseDBAsyncClient) -> None:
            epoch = (await Fence.get(tag=TAG, using_db=client)).epoch
            await asyncio.sleep(0)
            await set_fence(client, TAG, epoch + 1)

        await asyncio.gather(*(transaction(unlocked) for _ in range(50)))

        assert (await Fence.get(tag=TAG)).epoch < 50


async def test_a_session_is_given_back_without_being_asked_to_reset_itself(client: BaseDBAsyncClient) -> None:
    """That would be a second way there and back for each statement. So nothing of ours may change a session."""
    await client.execute_query("SELECT set_config('o2o.kept', 'yes', false)")
    rows = await client.execute_query_dict("SELECT current_setting('o2o.kept', true) AS kept")

    assert rows == [{"kept": "yes"}]

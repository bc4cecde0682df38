"""The drill: back up while people take numbers, lose the disk, restore, serve. On whichever database the tests run."""

import asyncio
import os
from pathlib import Path

import pytest
from redis.asyncio import Redis

from halls.demo import DEMO_HALLS
from tests.faults.people import Crowd, Taken, ask_for
from tests.installation import PATIENCE_S, Installation
from tests.servers import RedisServer
from tests.stack import stack

pytestmark = pytest.mark.slow


@pytest.fixture
def installed(tmp_path: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """With the client programs that go with the tests' PostgreSQL on PATH, as they are on a server."""
    if stack.database == "postgres":
        monkeypatch.setenv("PATH", os.pathsep.join([str(stack.postgres.programs), os.environ["PATH"]]))
    folder = tmp_path / "data"
    return Installation(folder, **stack.demo(folder), O2O_REDIS_URL=redis.url)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def destroy(installed: Installation) -> None:
    """As a disk that died, and was replaced."""
    if stack.database == "postgres":
        name = installed.environ["O2O_DATABASE_URL"].partition("@/")[2].partition("?")[0]
        stack.postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
        stack.postgres.execute(f"CREATE DATABASE {name}")
    else:
        for path in installed.folder.glob("o2o.db*"):
            path.unlink()


def serials(*taken: Taken) -> list[int]:
    return [int(one.number[1:]) for one in taken]


async def served_and_backed_up(installed: Installation, file: Path) -> tuple[list[Taken], list[Taken]]:
    """Those who were answered before the backup began, and those who were answered later. The service is killed."""
    crowd = Crowd(installed)
    async with installed.serving() as process:
        async with crowd.coming():
            await every_hall_loaded(installed)
            await crowd.until(20)
            before = list(crowd.taken)
            await asyncio.to_thread(installed.run, "backup", str(file))
            await crowd.until(len(crowd.taken) + 20)
        process.kill()
        await process.wait()
    return before, crowd.taken[len(before) :]


async def every_hall_loaded(installed: Installation) -> None:
    """Redis can say nothing of a hall that nobody asked for yet."""
    async with Redis.from_url(installed.environ["O2O_REDIS_URL"]) as client, asyncio.timeout(PATIENCE_S):
        while len(await client.keys("{hall:*}:meta")) < len(DEMO_HALLS):
            await asyncio.sleep(0.05)


async def take_one(installed: Installation) -> int:
    async with installed.client() as client:
        return serials(await Crowd(installed).take(client))[0]


async def still_there(installed: Installation, *taken: Taken) -> list[Taken]:
    async with installed.client() as client:
        return [one for one in taken if await ask_for(client, one)]


async def test_what_was_answered_before_the_backup_is_there_and_no_number_is_given_again(
    installed: Installation, file: Path, redis_client: Redis
) -> None:
    before, after = await served_and_backed_up(installed, file)
    destroy(installed)
    await redis_client.flushall()

    said = installed.run("restore", str(file), "--yes", code=2)
    assert "--skip-numbers" in said  # Nothing is left that could tell which numbers people have.
    skipped = max(serials(*after)) - max(serials(*before))  # As many as people took since; how fast they came decides.
    installed.run("restore", str(file), "--yes", "--skip-numbers", str(skipped))

    async with installed.serving():
        first = await take_one(installed)
        kept = await still_there(installed, *after)
        assert await still_there(installed, *before) == before
        assert set(serials(*after)) - set(serials(*kept)), "nobody came after the backup"
        assert first == max(serials(*before, *kept)) + skipped + 1
        assert first > max(serials(*after))


async def test_the_old_database_says_which_numbers_people_have_and_so_does_one_that_was_restored(
    installed: Installation, file: Path, redis_client: Redis
) -> None:
    await redis_client.set("somebody:else", "keeps this")
    before, after = await served_and_backed_up(installed, file)
    assert await redis_client.exists("{hall:nankai}:meta")

    said = installed.run("restore", str(file), "--yes", "--skip-numbers", "5")
    assert f"A{max(serials(*after)):03d} and are in no line any more" in said
    assert await redis_client.keys("*") == [b"somebody:else"]
    installed.run("restore", str(file), "--yes")

    async with installed.serving():
        assert await take_one(installed) == max(serials(*after)) + 6
        assert await still_there(installed, *before) == before


async def test_redis_says_it_where_the_old_database_is_lost(installed: Installation, file: Path) -> None:
    _before, after = await served_and_backed_up(installed, file)
    destroy(installed)

    installed.run("restore", str(file), "--yes")

    async with installed.serving():
        assert await take_one(installed) == max(serials(*after)) + 1


async def test_a_restore_beneath_a_running_service_is_refused(installed: Installation, file: Path) -> None:
    async with installed.serving():
        await asyncio.to_thread(installed.run, "backup", str(file))
        first = await take_one(installed)

        said = await asyncio.to_thread(installed.run, "restore", str(file), "--yes", code=2)

        assert "stop every serve and worker first" in said
        async with installed.client() as client:
            later = await Crowd(installed).take(client)
        assert serials(later) == [first + 1]


async def test_a_backup_needs_nobody_to_serve_and_says_what_is_not_in_it(installed: Installation, file: Path) -> None:
    said = installed.run("backup", str(file))

    assert f"{len(DEMO_HALLS)} halls, 0 tickets" in said
    assert "Not in it: the secret key" in said
    restored = installed.run("restore", str(file), "--yes")
    assert "The database now, " in restored
    assert "Restored." in restored

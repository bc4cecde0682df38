"""Redis and PostgreSQL as deploy/ sets them up let the service do all that it does, and nobody else."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError
from websockets.asyncio.client import connect

from tests.deploy.conftest import DEPLOY, program
from tests.faults.people import Crowd
from tests.installation import Installation
from tests.nodes import Node, is_sound, until_true, watched
from tests.stack import redis_program, stack


@asynccontextmanager
async def configured_redis(folder: Path) -> AsyncIterator[str]:
    """The address of a Redis with the file of deploy/, in a folder of its own."""
    text = (DEPLOY / "redis" / "o2o.conf").read_text().replace("/run/redis-o2o", str(folder))
    (folder / "redis.conf").write_text(text)
    server = await asyncio.create_subprocess_exec(
        redis_program(), str(folder / "redis.conf"), "--dir", str(folder), stdout=asyncio.subprocess.DEVNULL
    )
    url = f"unix://o2o:CHANGE-ME@{folder / 'redis.sock'}"
    try:
        async with asyncio.timeout(30), Redis.from_url(url) as client:
            while not await answers(client):
                await asyncio.sleep(0.05)
        yield url
    finally:
        server.terminate()
        await server.wait()


async def answers(client: Redis) -> bool:
    try:
        return bool(await client.time())
    except (RedisError, OSError):
        return False


async def test_redis_lets_the_service_do_all_that_it_does(tmp_path: Path) -> None:
    async with configured_redis(tmp_path) as url:
        installed = Installation(tmp_path / "data", **stack.demo(tmp_path / "data"), O2O_REDIS_URL=url)
        async with installed.serving(), installed.client() as client:
            taken = await Crowd(installed).take(client)
            signed = await client.post("/api/v1/session", json={"username": "clerk5", "password": "demo-password"})
            right = {"authorization": f"Bearer {signed.json()['token']}"}
            socket = f"ws://127.0.0.1:{installed.port}/ws/halls/nankai"
            async with connect(socket, additional_headers=right, proxy=None) as display:
                frame = json.loads(await asyncio.wait_for(display.recv(), 30))
            findings = json.loads(await asyncio.to_thread(installed.run, "doctor", "--json"))["findings"]

    assert (taken.number, signed.status_code, frame["type"]) == ("A001", 201, "snapshot")
    assert [one for one in findings if one["name"].startswith("redis.") and one["verdict"] != "fine"] == []
    assert not re.search("NOPERM|NoPermission", installed.log.read_text())


def one_of_several(folder: Path) -> list[str]:
    """What a server is told by the files of deploy/, one behind the other, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join((DEPLOY / "redis" / name).read_text() for name in ("o2o.conf", "several.conf"))
    for place in ("/run/redis-o2o", "/var/lib/redis"):
        text = text.replace(place, str(folder))
    return [*text.splitlines(), "repl-diskless-sync-delay 0"]


def one_of_a_cluster(folder: Path) -> list[str]:
    """The same, with the lines for a cluster and for whoever makes it."""
    return [re.sub("^# (?=cluster-|user admin)", "", line) for line in one_of_several(folder)]


async def test_behind_sentinels_another_server_takes_over(tmp_path: Path) -> None:
    async with watched(tmp_path / "redis", one_of_several, "CHANGE-ME") as servers:
        installed = Installation(tmp_path / "data", **stack.demo(tmp_path / "data"), O2O_REDIS_URL=servers.url)
        async with installed.serving(), installed.client() as client:
            before = await Crowd(installed).take(client)
            servers.servers[0].kill()
            after = await Crowd(installed).take(client)

    assert (before.number, after.number) == ("A001", "A002")
    assert not re.search("NOPERM|NoPermission", installed.log.read_text())


async def test_a_server_whose_file_sentinels_had_written_anew_begins_again(tmp_path: Path) -> None:
    before = Node(tmp_path / "before", config=one_of_several(tmp_path / "before"))
    before.user = "peers:CHANGE-ME@"
    await before.start()
    await before.ask("CONFIG", "REWRITE")
    before.kill()

    written = (before.folder / "redis.conf").read_text()
    again = Node(tmp_path / "again", config=written.splitlines())
    again.user = before.user
    await again.start()
    again.kill()

    assert "user o2o on #" in written  # Not as we wrote it.


@asynccontextmanager
async def made_cluster(folder: Path) -> AsyncIterator[list[Node]]:
    """Three masters and three replicas, made as docs/operating.md says."""
    nodes = [Node(folder / f"node-{n}", config=one_of_a_cluster(folder / f"node-{n}")) for n in range(6)]
    for node in nodes:
        node.user = "admin:CHANGE-ME@"
    try:
        await asyncio.gather(*(node.start() for node in nodes))
        addresses = [f"127.0.0.1:{node.port}" for node in nodes]
        await asyncio.to_thread(cluster, "create", *addresses, "--cluster-replicas", "1")
        for node in nodes:
            await until_true(partial(is_sound, node))
        yield nodes
    finally:
        for node in nodes:
            node.kill()


def cluster(*arguments: str) -> None:
    command = [program("redis-cli", "redis-tools"), "--user", "admin", "--no-auth-warning", "--cluster", *arguments]
    environ = {**os.environ, "REDISCLI_AUTH": "CHANGE-ME"}
    done = subprocess.run(
        [*command, "--cluster-yes"], env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
async def test_a_cluster_is_made_and_its_slots_are_moved_while_people_come(tmp_path: Path) -> None:
    async with made_cluster(tmp_path / "redis") as nodes:
        url = f"redis+cluster://o2o:CHANGE-ME@127.0.0.1:{nodes[0].port},127.0.0.1:{nodes[1].port}"
        installed = Installation(tmp_path / "data", **stack.demo(tmp_path / "data"), O2O_REDIS_URL=url)
        ids = [(await node.ask("CLUSTER", "MYID")).decode() for node in nodes[:2]]
        move = ("--cluster-from", ids[0], "--cluster-to", ids[1], "--cluster-slots", "6000")
        async with installed.serving(), Crowd(installed).coming() as crowd:
            await crowd.more(5)
            await asyncio.to_thread(cluster, "reshard", f"127.0.0.1:{nodes[0].port}", *move)
            await crowd.more(5)
            findings = json.loads(await asyncio.to_thread(installed.run, "doctor", "--json"))["findings"]

    assert [one for one in findings if one["name"].startswith("redis.") and one["verdict"] == "wrong"] == []
    assert not re.search("NOPERM|NoPermission|NOAUTH", installed.log.read_text())


async def test_redis_lets_nobody_do_more(tmp_path: Path) -> None:
    async with configured_redis(tmp_path) as url, Redis.from_url(url) as client:
        for forbidden in (client.flushall(), client.set("somebody:else", "1"), client.config_get("*")):
            with pytest.raises(NoPermissionError):
                await forbidden
        async with Redis.from_url(url.replace("o2o:CHANGE-ME@", "")) as stranger:
            with pytest.raises(RedisError):
                await stranger.get("{hall:heping}:meta")


@pytest.mark.postgres
def test_postgresql_understands_its_settings() -> None:
    lines = (DEPLOY / "postgresql" / "o2o.conf").read_text().splitlines()
    settings = [line.replace(" ", "") for line in lines if line and not line.startswith("#")]

    said = stack.postgres.check(settings)

    assert said.strip() == "100"
    assert len(settings) > 5

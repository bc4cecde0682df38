"""What is asked together is answered together, as Redis says it; only who may ask again does."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from o2o.kernel.journal import Entry, waits_since
from o2o.kernel.redis import RedisPair, open_redis
from o2o.kernel.trips import first_of, replies, values
from tests.faults.proxy import Proxy, before_redis
from tests.servers import RedisServer

COUNTED = [("INCR", "n"), ("INCR", "n")]


@pytest.fixture
async def way(redis: RedisServer, tmp_path: Path) -> AsyncIterator[tuple[Proxy, RedisPair]]:
    way, url = before_redis(redis.url, tmp_path)
    async with way.laid(), open_redis(url, tmp_path) as pair:
        await replies(pair.mutate, [("DEL", "n", "text", "hash", "journal")])
        yield way, pair


async def test_each_has_its_own_reply_and_an_error_is_one(way: tuple[Proxy, RedisPair]) -> None:
    _proxy, pair = way

    told = await replies(
        pair.read, [("SET", "text", "和"), ("INCR", "text"), ("HSET", "hash", "a", 1), ("GET", "text")]
    )

    assert (told[0], told[2:]) == (b"OK", [1, "和".encode()])
    assert isinstance(told[1], ResponseError)


async def test_values_are_all_there_or_none(way: tuple[Proxy, RedisPair]) -> None:
    _proxy, pair = way
    await values(pair.mutate, [("HSET", "hash", "a", 1), ("SET", "text", "no number")])

    assert await values(pair.read, [("HGETALL", "hash"), ("HGETALL", "n")]) == [{b"a": b"1"}, {}]
    with pytest.raises(ResponseError, match="not an integer"):
        await values(pair.read, [("GET", "text"), ("INCR", "text")])


async def test_who_reads_asks_all_of_it_again_when_a_reply_is_lost(way: tuple[Proxy, RedisPair]) -> None:
    proxy, pair = way
    proxy.cut_next_reply(b"INCR")

    assert await replies(pair.read, COUNTED) == [3, 4]


async def test_who_changes_something_never_does(way: tuple[Proxy, RedisPair]) -> None:
    proxy, pair = way
    proxy.cut_next_reply(b"INCR")

    with pytest.raises(RedisConnectionError):
        await replies(pair.mutate, COUNTED)
    assert await pair.mutate.get("n") == b"2"


async def test_the_oldest_entry_of_a_journal_says_since_when_it_waits(way: tuple[Proxy, RedisPair]) -> None:
    _proxy, pair = way
    for at in (17, 18):
        entry = Entry(op="o", ordinal=0, epoch=1, version=at, at=at, name="ticket.issued", actor="a", body="b")
        await pair.mutate.xadd("journal", {"entry": msgspec.json.encode(entry)}, id=f"{at}-0")

    told = await values(pair.read, [first_of("journal"), first_of("n")])

    assert [waits_since(found) for found in told] == [17, None]

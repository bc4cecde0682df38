"""The proxy does to bytes what it is told, so that a fault test tests the fault that it names."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.proxy import Address, Proxy

WORD = b"0123456789"


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1000):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def dialled(address: Address) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    opened = asyncio.open_unix_connection(address) if isinstance(address, Path) else asyncio.open_connection(*address)
    reader, writer = await opened
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said(address: Address, word: bytes = WORD) -> bytes:
    """What comes back until the word is whole, or the way ends."""
    async with dialled(address) as (reader, writer):
        writer.write(word)
        try:
            return await reader.readexactly(len(word))
        except asyncio.IncompleteReadError as cut:
            return cut.partial


@pytest.fixture(params=["tcp", "unix"])
async def proxy(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Proxy]:
    listens: Address = ("127.0.0.1", 0) if request.param == "tcp" else tmp_path / "way.sock"
    server = await asyncio.start_unix_server(echo, tmp_path / "echo.sock")
    async with Proxy(tmp_path / "echo.sock", listens).laid() as proxy:
        yield proxy
    server.close()


async def test_it_carries_what_it_is_given(proxy: Proxy) -> None:
    assert await said(proxy.listens, WORD * 100_000) == WORD * 100_000
    assert proxy.passed == 1_000_000


@pytest.mark.parametrize("count", range(len(WORD)))
async def test_a_reply_is_cut_after_so_many_bytes_and_the_next_is_whole(proxy: Proxy, count: int) -> None:
    proxy.cut_after(count)

    assert await said(proxy.listens) == WORD[:count]
    assert proxy.cuts == 1
    assert await said(proxy.listens) == WORD


async def test_only_the_reply_to_what_was_named_is_cut(proxy: Proxy) -> None:
    proxy.cut_next_reply(b"name")

    assert await said(proxy.listens) == WORD
    assert await said(proxy.listens, b"a name") == b""
    assert await said(proxy.listens, b"a name") == b"a name"


async def test_bytes_come_in_slices(proxy: Proxy) -> None:
    proxy.slice = 1

    async with dialled(proxy.listens) as (reader, writer):
        writer.write(WORD)
        first = await reader.read(1000)
        assert len(first) < len(WORD)
        assert first + await reader.readexactly(len(WORD) - len(first)) == WORD


async def test_a_way_that_was_swallowed_stays_open_and_carries_nothing_and_a_new_one_works(proxy: Proxy) -> None:
    async with dialled(proxy.listens) as (reader, writer):
        assert await exchanged(reader, writer) == WORD
        proxy.swallow()
        assert await said(proxy.listens) == WORD
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(exchanged(reader, writer), 0.2)


async def test_what_was_said_into_the_silence_arrives_after_it(proxy: Proxy) -> None:
    with proxy.silent():
        waiting = asyncio.create_task(said(proxy.listens))
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done

    assert await waiting == WORD


async def test_a_reset_ends_every_way(proxy: Proxy) -> None:
    async with dialled(proxy.listens) as (reader, writer):
        assert await exchanged(reader, writer) == WORD
        proxy.reset()
        assert await ended(reader)


async def test_nobody_behind_it_is_the_end_of_a_way(tmp_path: Path) -> None:
    async with Proxy(tmp_path / "nobody.sock").laid() as proxy, dialled(proxy.listens) as (reader, _writer):
        assert await ended(reader)


async def exchanged(reader: StreamReader, writer: StreamWriter) -> bytes:
    writer.write(WORD)
    return await reader.readexactly(len(WORD))


async def ended(reader: StreamReader) -> bool:
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True

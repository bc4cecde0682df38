"""An answer goes out in one write, and in as many as it needs where there is more to wait for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from o2o.kernel.connection import MAX_HEAD, Together

ONE_WRITE = "o2o.kernel.connection:OneWriteProtocol"
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Wire:
    """A transport that notes what is written to it."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed_after = -1

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.closed_after = len(self.writes)

    def is_closing(self) -> bool:
        return self.closed_after >= 0


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def together(wire: Any) -> Together:
    return Together(wire)


async def test_head_and_body_are_one_write(wire: Wire, together: Together) -> None:
    together.write(HEAD)
    together.write(b"body")

    assert wire.writes == [HEAD + b"body"]


async def test_a_head_that_nothing_follows_is_written_soon(wire: Wire, together: Together) -> None:
    together.write(HEAD)
    await asyncio.sleep(0)

    assert wire.writes == [HEAD]


async def test_what_comes_later_is_written_as_it_comes(wire: Wire, together: Together) -> None:
    for part in (HEAD, b"1", b"2", b"3"):
        together.write(part)
    await asyncio.sleep(0)

    assert wire.writes == [HEAD + b"1", b"2", b"3"]


async def test_nothing_is_lost_at_the_close(wire: Wire, together: Together) -> None:
    together.write(HEAD)
    together.close()
    await asyncio.sleep(0)

    assert wire.writes == [HEAD]
    assert wire.closed_after == 1
    assert together.is_closing()


async def show(_request: Request) -> Response:
    return PlainTextResponse("shown")


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def stream(_request: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        for part in ("one ", "two ", "three"):
            yield part
            await asyncio.sleep(0.01)

    return StreamingResponse(parts())


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    app = Starlette(routes=[Route("/", show), Route("/echo", echo, methods=["POST"]), Route("/stream", stream)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=ONE_WRITE, lifespan="off", log_config=None))
    listener = server.config.bind_socket()
    with listener:
        task = asyncio.create_task(server.serve([listener]))
        async with asyncio.timeout(60):
            while not server.started:
                await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await task


async def asked(request: str) -> bytes:
    """The whole answer, of a server that closes after it."""
    async with connected() as (reader, writer), asyncio.timeout(60):
        writer.write(request.replace("\n", "\r\n").encode())
        return await reader.read()


async def test_a_page_is_answered() -> None:
    assert (await asked("GET / HTTP/1.1\nhost: x\nconnection: close\n\n")).endswith(b"\r\n\r\nshown")


async def test_only_the_head_is_answered_to_head() -> None:
    answer = await asked("HEAD / HTTP/1.1\nhost: x\nconnection: close\n\n")

    assert b"content-length: 5" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_a_stream_comes_whole() -> None:
    answer = await asked("GET /stream HTTP/1.1\nhost: x\nconnection: close\n\n")

    assert answer.endswith(b"4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n")


async def test_requests_in_one_line_are_answered_in_their_order() -> None:
    two = "GET / HTTP/1.1\nhost: x\n\nPOST /echo HTTP/1.1\nhost: x\ncontent-length: 4\nconnection: close\n\nlast"

    answer = await asked(two)

    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.index(b"shown") < answer.index(b"last")


@pytest.mark.parametrize(
    "begun",
    [
        "GET /",
        "GET / HTTP/1.1\nhost: x\nx-long: ",
        "POST /echo HTTP/1.1\nhost: x\ntransfer-encoding: chunked\n\n1\na\n0\nx-behind: ",
    ],
)
async def test_a_head_without_end_is_cut_off(begun: str) -> None:
    sent = 0
    async with connected() as (_reader, writer):
        writer.write(begun.replace("\n", "\r\n").encode())
        with suppress(ConnectionError):
            while sent < 100 * MAX_HEAD:
                writer.write(b"x" * 10_000)
                sent += 10_000
                await writer.drain()
                await asyncio.sleep(0.001)

    assert sent < 100 * MAX_HEAD


async def test_a_body_is_no_head() -> None:
    long = MAX_HEAD * 5

    answer = await asked(f"POST /echo HTTP/1.1\nhost: x\ncontent-length: {long}\nconnection: close\n\n{'x' * long}")

    assert answer.endswith(b"\r\n\r\n" + b"x" * long)


async def test_who_asks_whether_to_send_is_told_to_go_on() -> None:
    async with connected() as (reader, writer), asyncio.timeout(60):
        head = (
            "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"

        writer.write(b"body")

        assert (await reader.read()).endswith(b"\r\n\r\nbody")

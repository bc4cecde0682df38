"""Benchmarks' own clients of sockets keep to the protocol: who does not is cut off, and measures nobody."""

import asyncio

from benchmarks.sockets import Crowd

GREETING = b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02{}"
PING = b"\x89\x04four"
PONG = b"\x8a\x84\0\0\0\0four"


async def test_a_ping_is_answered_with_its_own_content() -> None:
    heard = asyncio.get_running_loop().create_future()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(GREETING + PING)
        heard.set_result(await reader.readexactly(len(PONG)))
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1") as server:
        crowd = Crowd(server.sockets[0].getsockname()[1], "/")
        await crowd.connect(1)
        assert await heard == PONG
        crowd.close()

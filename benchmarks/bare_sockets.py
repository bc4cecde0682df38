"""The baseline of live delivery: websockets' own server and broadcast. python -m benchmarks.bare_sockets PORT."""

import sys
from contextlib import suppress
from typing import Final

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

GREETING: Final = "/greet/"


async def main(port: int) -> None:
    """Greet each watcher with as many bytes as its path says; broadcast whatever a sender sends to all watchers."""
    watchers: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        path = connection.request.path if connection.request else ""
        if path.startswith(GREETING):
            await connection.send("s" * int(path.removeprefix(GREETING)))
            watchers.add(connection)
        with suppress(ConnectionClosed):  # a crowd that is done hangs up without a word
            async for message in connection:
                broadcast(watchers, message)
        watchers.discard(connection)

    async with serve(handle, "127.0.0.1", port, compression=None, ping_interval=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))

"""A way to Redis that can go quiet, as a half-open connection does."""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class BlackHole:
    """Forwards until `swallow`; then the connections of before stay open and carry nothing, new ones work."""

    def __init__(self, redis_url: str) -> None:
        self._port = urlsplit(redis_url).port or 6379
        self._open = [asyncio.Event()]
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._open[-1].set()
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    def swallow(self) -> None:
        """Carry nothing more on the connections that are open now."""
        self._open[-1].clear()
        self._open.append(asyncio.Event())
        self._open[-1].set()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(_pump(source, sink, self._open[-1]))
            self._tasks.add(task)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, carries: asyncio.Event) -> None:
    try:
        while data := await source.read(65536):
            await carries.wait()
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        return
    finally:
        sink.close()

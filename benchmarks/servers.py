"""The servers that are measured: the service itself, and the bare ones beside it. Each on a port of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Final

from o2o.replay.own import free_port

_START_S: Final = 20.0
_STOP_S: Final = 10.0
_LOOK_S: Final = 0.05

# The same options as the service's own server, with the bare app in the place of the service, and uvicorn's own HTTP
# protocol, as everybody has it who begins with Starlette.
_BARE: Final = """
import sys, uvicorn
from dataclasses import replace
from o2o.commands.serving import server_options
from o2o.kernel.settings import read_settings
options = server_options(replace(read_settings(), port=int(sys.argv[1])))
uvicorn.run("benchmarks.bare:create_app", **options | {"http": "httptools"})
"""


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int


@asynccontextmanager
async def bare_service(folder: str) -> AsyncIterator[Server]:
    """Start the bare Starlette app as the service is started."""
    async with _running("-c", _BARE, environ={"O2O_DATA_DIR": folder}) as server:
        yield server


@asynccontextmanager
async def bare_sockets() -> AsyncIterator[Server]:
    """Start the bare WebSocket server."""
    async with _running("-m", "benchmarks.bare_sockets", environ={}) as server:
        yield server


@asynccontextmanager
async def _running(*command: str, environ: dict[str, str]) -> AsyncIterator[Server]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(sys.executable, *command, str(port), env=environ)
    try:
        await _until_it_listens(process, port)
        yield Server(port, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _until_it_listens(process: asyncio.subprocess.Process, port: int) -> None:
    deadline = monotonic() + _START_S
    while monotonic() < deadline and process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(_LOOK_S)
        else:
            writer.close()
            return
    raise TimeoutError(f"the baseline's server did not listen within {_START_S:.0f} s")

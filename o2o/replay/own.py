"""A service for one run: its own folder, its own port, gone afterwards."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from types import MappingProxyType
from typing import Final

import httpx2

from o2o.replay.client import UnreachableError

_START_S: Final = 180.0
_STOP_S: Final = 20.0
_LOOK_S: Final = 0.1
DEFAULTS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class OwnService:
    """Where it is; `data` is its folder, and `pid` its process (of several workers: their parent)."""

    url: str
    database: str
    data: Path
    pid: int = 0


@asynccontextmanager
async def own_service(
    database: str | None = None, workers: int = 1, settings: Mapping[str, str] = DEFAULTS
) -> AsyncIterator[OwnService]:
    """Start a service with demo sign-ins and an embedded Redis, without rate limits; stop it at the end.

    It keeps its rows in an SQLite file of its own, or in the database that is named and has no halls. `settings` are
    variables with values of their own.
    """
    with TemporaryDirectory(prefix="o2o-replay-") as name:
        folder, port = Path(name), free_port()
        own = OwnService(f"http://127.0.0.1:{port}", database or f"sqlite://{folder / 'o2o.db'}", folder / "data")
        log = folder / "service.log"
        process = await _start(own, {"O2O_WORKERS": str(workers), **settings}, log)
        try:
            await _wait_until_ready(own.url, process, log)
            yield replace(own, pid=process.pid)
        finally:
            await _stop(process)


async def _start(own: OwnService, own_settings: Mapping[str, str], log: Path) -> asyncio.subprocess.Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("O2O_")}
    settings = {
        "O2O_DATA_DIR": str(own.data),
        "O2O_HOST": "127.0.0.1",
        "O2O_PORT": own.url.rpartition(":")[2],
        "O2O_DATABASE_URL": own.database,
        "O2O_DEMO": "1",
        "O2O_RATE_LIMITS": "off",
        **own_settings,
    }
    with log.open("wb") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "o2o.cli", "demo", env=kept | settings, stdout=output, stderr=output
        )


async def _wait_until_ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = monotonic() + _START_S
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        while monotonic() < deadline and process.returncode is None:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except httpx2.TransportError:
                # It has not opened its port yet.
                pass
            await asyncio.sleep(_LOOK_S)
    said = await asyncio.to_thread(log.read_text, errors="replace")
    raise UnreachableError(f"the service did not start within {_START_S:.0f} s. It said:\n{said[-2000:]}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def free_port() -> int:
    """Give a port of loopback that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port

"""o2o as an operator has it: an environment, its commands, and the service as processes of their own."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from httpx2 import AsyncClient, HTTPError

from tests.ports import free_port

PATIENCE_S = 90
COMMAND = (sys.executable, "-m", "o2o.cli")


class Installation:
    def __init__(self, folder: Path, **environ: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("O2O_")}
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        told = {"O2O_DATA_DIR": str(folder), "O2O_PORT": str(self.port), "O2O_RATE_LIMITS": "off", "COLUMNS": "200"}
        self.environ = {**kept, **told, **environ}
        self.log = folder / "service.log"

    def run(self, *command: str, code: int = 0) -> str:
        """What a command of o2o said; it must have ended with `code`."""
        done = subprocess.run(
            [*COMMAND, *command], env=self.environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @asynccontextmanager
    async def serving(self, *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """The service, answering, while the block runs; `demo` where no other command is named."""
        with self.log.open("a") as log:
            process = await asyncio.create_subprocess_exec(
                *COMMAND, *(command or ("demo",)), env=self.environ, stdout=log, stderr=log
            )
        try:
            await self.until_ready(process)
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await self._until_ended(process)

    async def _until_ended(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            raise AssertionError(f"it was told to end and goes on:\n{self.log.read_text()[-4000:]}") from None

    async def until_ready(self, process: asyncio.subprocess.Process) -> None:
        async with asyncio.timeout(PATIENCE_S), self.client() as client:
            while process.returncode is None:
                with contextlib.suppress(HTTPError):
                    if (await client.get("/readyz")).is_success:
                        return
                await asyncio.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def client(self, **headers: str) -> AsyncClient:
        return AsyncClient(base_url=self.url, headers={"accept-language": "en", **headers}, trust_env=False, timeout=30)

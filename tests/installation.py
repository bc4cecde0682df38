"""o2o as an operator has it: an environment, its commands, and the service as processes of their own."""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, HTTPError, Response

from o2o.replay.own import free_port

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
            await process.wait()

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


@dataclass
class Taken:
    """A number that was answered to somebody."""

    id: str
    number: str
    token: str


@dataclass
class Crowd:
    """People who take a number, and another, without a pause. A 503 and no answer at all are asked again, same key."""

    installation: Installation
    hall: str = "nankai"
    people: int = 4
    taken: list[Taken] = field(default_factory=list)
    refused: list[tuple[int, str | None]] = field(default_factory=list)
    """Status and Retry-After of what was not a number."""

    @asynccontextmanager
    async def coming(self) -> AsyncIterator["Crowd"]:
        """Until the block ends; then everybody gets an answer still. The service must answer by then."""
        enough = asyncio.Event()
        async with self.installation.client() as client, asyncio.TaskGroup() as group:
            for _ in range(self.people):
                group.create_task(self._keep_taking(client, enough))
            try:
                yield self
            finally:
                enough.set()

    async def until(self, count: int) -> None:
        """Wait until so many numbers have been taken in all."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.taken) < count:
                await asyncio.sleep(0.02)

    async def _keep_taking(self, client: AsyncClient, enough: asyncio.Event) -> None:
        while not enough.is_set():
            self.taken.append(await self.take(client))

    async def take(self, client: AsyncClient) -> Taken:
        key = secrets.token_hex(12)
        for _ in range(PATIENCE_S * 10):
            with contextlib.suppress(HTTPError):
                answer = await client.post(
                    f"/api/v1/halls/{self.hall}/tickets", json={"service": "sim"}, headers={"idempotency-key": key}
                )
                if answer.status_code == 201:
                    return taken_in(answer)
                assert answer.status_code == 503, answer.text
                self.refused.append((answer.status_code, answer.headers.get("retry-after")))
            await asyncio.sleep(0.1)
        raise AssertionError("no number for too long")


def taken_in(answer: Response) -> Taken:
    return Taken(*(answer.json()[name] for name in ("id", "number", "token")))


async def ask_for(client: AsyncClient, taken: Taken) -> Any:
    """The ticket as its owner sees it now, None when there is none."""
    answer = await client.get(f"/api/v1/tickets/{taken.id}", headers={"authorization": f"Bearer {taken.token}"})
    assert answer.status_code in {200, 404}
    return answer.json() if answer.status_code == 200 else None

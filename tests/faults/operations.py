"""What clients asked and what they know: each operation is invoked, then ok, failed or unknown."""

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any

from httpx2 import AsyncClient, HTTPError, Response

from o2o.kernel.signing import digest

PATIENCE_S = 90
PAUSE_S = 0.1


@dataclass(frozen=True)
class Who:
    """Whose wish it is: the principal that the service knows, and what it shows for it."""

    principal: str = "anonymous"
    right: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": self.right} if self.right else {}


ANYBODY = Who()


class Known(StrEnum):
    INVOKED = "invoked"
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(eq=False)
class Operation:
    """One wish of one client, under one key, however often it is asked."""

    path: str
    body: dict[str, Any]
    who: Who = ANYBODY
    key: str = field(default_factory=lambda: secrets.token_hex(12))
    known: Known = Known.INVOKED
    answer: Any = None
    """JSON of an ok; why it failed."""
    began: float = field(default_factory=time.monotonic)
    asked: float = 0
    """When it was asked last."""
    ended: float = 0
    unknowns: int = 0
    """How often it was answered 503, or not at all."""
    put_off: list[str | None] = field(default_factory=list)
    """`Retry-After` of each 503."""

    @property
    def id(self) -> str:
        """What the service calls it; it stands in every event."""
        return digest(f"{self.who.principal}\nPOST /api/v1{self.path}\n{self.key}".encode())

    async def ask(self, client: AsyncClient) -> Known:
        """Once. 503 means unknown, as no answer does: never "not done"."""
        self.asked = time.monotonic()
        headers = {"idempotency-key": self.key, **self.who.headers}
        try:
            answer = await client.post(f"/api/v1{self.path}", json=self.body, headers=headers)
        except HTTPError:
            return self._unknown()
        if answer.status_code == 503:
            self.put_off.append(answer.headers.get("retry-after"))
            return self._unknown()
        self.ended = time.monotonic()
        done = answer.status_code in {200, 201}
        self.known, self.answer = (Known.OK, answer.json()) if done else (Known.FAILED, _why(answer))
        return self.known

    async def ask_until_known(self, client: AsyncClient) -> Known:
        """The same key again and again, as clients are told to."""
        deadline = time.monotonic() + PATIENCE_S
        while await self.ask(client) is Known.UNKNOWN:
            assert time.monotonic() < deadline, f"no answer to {self.path} for too long"
            await asyncio.sleep(PAUSE_S)
        return self.known

    def _unknown(self) -> Known:
        self.unknowns += 1
        self.known = Known.UNKNOWN
        return self.known


def _why(answer: Response) -> str:
    return f"{answer.status_code} {answer.text}".strip()


@dataclass
class Recorder:
    """Every operation of one run, by whomever."""

    operations: list[Operation] = field(default_factory=list, repr=False)

    def invoke(self, path: str, body: dict[str, Any] | None = None, who: Who = ANYBODY) -> Operation:
        operation = Operation(path, body or {}, who)
        self.operations.append(operation)
        return operation

    def which(self, known: Known) -> list[Operation]:
        return [operation for operation in self.operations if operation.known is known]

    @property
    def unknowns(self) -> int:
        return sum(operation.unknowns for operation in self.operations)

    @property
    def longest_s(self) -> float:
        """The longest that anybody waited for an answer, all repeats together."""
        return max((one.ended - one.began for one in self.which(Known.OK)), default=0)

    def silence_after(self, moment: float) -> float:
        """The longest time since then in which nobody was answered."""
        answered = sorted(one.ended for one in self.which(Known.OK) if one.ended > moment)
        return max(later - earlier for earlier, later in pairwise([moment, *answered]))


async def signed_in(client: AsyncClient, username: str) -> Who:
    """Sign somebody of the demo's staff in by the API, however often it takes."""
    told = {"username": username, "password": "demo-password"}
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(HTTPError):
                answer = await client.post("/api/v1/session", json=told)
                if answer.is_success:
                    break
            await asyncio.sleep(PAUSE_S)
    return Who(f"staff:{username}", f"Bearer {answer.json()['token']}")

"""The service as an outside client sees it: its public HTTP API, each write repeated until it is answered."""

import asyncio
import random
import secrets
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final, NamedTuple

import httpx2

from o2o.replay.figures import Figures

_Json = Mapping[str, Any]

_TIMEOUT_S: Final = 30.0
# A service that has not come back after this long will not be waited for.
_PATIENCE_S: Final = 60.0
_PAUSE_S: Final = 0.25
_REPEATED: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
        # What a proxy says whose service is not there.
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class RefusedError(Exception):
    """The service, or something before it, refused; `code` is the problem's stable name."""

    def __init__(self, method: str, path: str, answer: httpx2.Response) -> None:
        problem: dict[str, Any] = {}
        with suppress(ValueError):
            problem = answer.json()
        self.status = answer.status_code
        self.code = str(problem.get("code", ""))
        detail = problem.get("detail") or problem.get("title") or answer.text[:200]
        super().__init__(f"{method} {path}: {self.status} {self.code}: {detail}")


class Answer(NamedTuple):
    """An answer's JSON, None for an empty one, and when the request that got it was sent (`perf_counter`)."""

    data: Any
    sent: float


class UnreachableError(Exception):
    """The service did not answer for a minute."""


class Service:
    """One signed-in client. At most `at_once` requests are under way; a lost answer is asked for again by its key."""

    def __init__(self, base_url: str, *, at_once: int = 32) -> None:
        limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        # No proxy of the surroundings: the service is what was named, and load must reach it undisturbed.
        self._client = httpx2.AsyncClient(
            base_url=base_url, timeout=_TIMEOUT_S, limits=limits, trust_env=False, http2=False
        )
        self._room = asyncio.Semaphore(at_once)
        self._token: str | None = None
        self.base_url = base_url
        self.figures = Figures()

    async def close(self) -> None:
        await self._client.aclose()

    async def sign_in(self, username: str, password: str) -> None:
        answer = await self.send("POST", "/session", {"username": username, "password": password})
        self._token = answer["token"]

    async def get(self, path: str, *, token: str | None = None) -> Any:
        return await self.send("GET", path, token=token)

    async def post(self, path: str, body: _Json | None = None, *, token: str | None = None) -> Any:
        return await self.send("POST", path, body or {}, token=token)

    async def send(self, method: str, path: str, body: _Json | None = None, *, token: str | None = None) -> Any:
        """Send until answered; give the answer's JSON. Raises RefusedError, UnreachableError."""
        return (await self.ask(method, path, body, token=token)).data

    async def ask(self, method: str, path: str, body: _Json | None = None, *, token: str | None = None) -> Answer:
        """Send until answered. The caller's own sign-in goes along unless `token` is another's.

        Raises RefusedError, UnreachableError.
        """
        # What the service says of a refusal ends up in an English report.
        headers = {"Accept-Language": "en"}
        if method != "GET":
            headers["Idempotency-Key"] = secrets.token_urlsafe(16)
        if token or self._token:
            headers["Authorization"] = f"Bearer {token or self._token}"
        request = self._client.build_request(method, f"/api/v1{path}", headers=headers, json=body)
        answer, sent = await self._repeat(request, until=perf_counter() + _PATIENCE_S)
        if not answer.is_success:
            raise RefusedError(method, path, answer)
        try:
            return Answer(answer.json() if answer.content else None, sent)
        except ValueError as error:
            raise RefusedError(method, path, answer) from error

    async def _once(self, request: httpx2.Request) -> tuple[httpx2.Response, float]:
        self.figures.requests += 1
        sent = perf_counter()
        answer = await self._client.send(request)
        self.figures.latencies.append(perf_counter() - sent)
        return answer, sent

    async def _repeat(self, request: httpx2.Request, *, until: float) -> tuple[httpx2.Response, float]:
        while True:
            try:
                async with self._room:
                    answer, sent = await self._once(request)
            except httpx2.TransportError as error:
                why, pause = type(error).__name__, _PAUSE_S
            else:
                if answer.status_code not in _REPEATED:
                    return answer, sent
                why, pause = str(answer.status_code), _retry_after(answer)
            if perf_counter() + pause > until:
                raise UnreachableError(f"{request.method} {request.url}: no answer, at last {why}")
            self.figures.repeats[why] += 1
            # Jitter, so that clients that were refused together do not come back together.
            await asyncio.sleep(pause * random.uniform(1.0, 1.5))  # noqa: S311


def _retry_after(answer: httpx2.Response) -> float:
    try:
        return max(float(answer.headers.get("Retry-After", _PAUSE_S)), 0.05)
    except ValueError:
        return _PAUSE_S

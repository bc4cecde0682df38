"""What goes around every request: its id, security headers, the access log's line, the figures."""

import re
import secrets
from collections.abc import Iterable
from itertools import count
from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from o2o.kernel.access import AccessLog
from o2o.kernel.logging import request_id
from o2o.kernel.metrics import answered

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics", "/static"})
GIVEN_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")

# Ids of our own are unique, not secret: a counter costs nothing.
_PROCESS: Final = secrets.token_hex(4)
_count: Final = count()

Headers = list[tuple[bytes, bytes]]

# A page sets a policy of its own (kernel/pages.py); nothing else that we answer loads anything.
_WHEN_ABSENT: Final[Headers] = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]
_ALWAYS: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# JSON is no document, and each header takes 2 µs of an answer: uvicorn looks at every letter of it.
_OF_DOCUMENTS: Final[Headers] = [
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(self), camera=(), microphone=()"),
]
_HTTPS: Final[Headers] = [(b"strict-transport-security", b"max-age=31536000")]


class RequestMiddleware:
    """Plain ASGI, once around the whole application. `https`: the service is reached by https."""

    def __init__(self, app: ASGIApp, *, https: bool = False, access: AccessLog | None = None) -> None:
        self._app = app
        self._access = access
        self._of_json = _ALWAYS + (_HTTPS if https else [])
        self._of_documents = self._of_json + _OF_DOCUMENTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        identify(scope)
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self.headers(message.get("headers", ()))
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            self._note(scope, status, perf_counter() - started)

    def headers(self, given: Iterable[tuple[bytes, bytes]]) -> Headers:
        """The answer's own headers and ours."""
        own = list(given)
        there = dict(own)
        own += [header for header in _WHEN_ABSENT if header[0] not in there]
        own += self._of_json if there.get(b"content-type", b"").endswith(b"json") else self._of_documents
        own.append((b"x-request-id", (request_id.get() or "").encode()))
        return own

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count and log by the route's template, never by the address."""
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in METHODS else "other"
        answered(route, method, status, seconds)
        if self._access and route not in QUIET:
            self._access.note(method, route, status, seconds, request_id.get())


def identify(scope: Scope) -> None:
    """Give the request its id, for the log and its answer.

    Never reset: the server gives each request a task, and the handler of failures, further out, wants the id too.
    """
    request_id.set(_given_id(scope["headers"]) or f"{_PROCESS}{next(_count):08x}")


def _given_id(headers: Headers) -> str | None:
    for name, value in headers:
        if name == b"x-request-id":
            return value.decode() if GIVEN_ID.fullmatch(value) else None
    return None

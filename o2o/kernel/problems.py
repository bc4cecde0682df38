"""Errors as they are read: RFC 9457 problem+json by programs, a page by people, both in the reader's language."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ExceptionHandler
from tortoise.exceptions import DBConnectionError, OperationalError, ValidationError

from o2o.kernel.errors import DomainError
from o2o.kernel.i18n import Translator, _, translator_for
from o2o.kernel.logging import request_id
from o2o.kernel.metrics import refused
from o2o.kernel.pages import render

RETRY_S: Final = 2

log = logging.getLogger(__name__)


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457, and a stable `code`. Some codes carry more members, such as `state` or `alternatives`."""

    title: str
    status: int
    detail: str
    code: str
    request_id: str
    type: str = "about:blank"
    field: str | None = None
    retry_after: int | None = None


async def domain_error(request: Request[Any], error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101 - Starlette's signature is wider than its calls
    headers = {}
    if "retry_after" in error.details:
        headers["Retry-After"] = str(error.details["retry_after"])
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="o2o"'
    return _answer(request, _Told(error.status, error.code, error.message, error.details, error.way_on), headers)


async def http_error(request: Request[Any], error: Exception) -> Response:
    """What the router refuses: an unknown address, a wrong method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    message = _HTTP_TEXTS.get(error.status_code, _("This request can't be answered."))
    code = HTTPStatus(error.status_code).name.lower()
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return _answer(request, _Told(error.status_code, code, message), headers)


async def no_such_id(request: Request[Any], _error: Exception) -> Response:
    """Tortoise won't even look for an id that is longer than its column: nothing is there."""
    return _answer(request, _Told(404, "not_found", _HTTP_TEXTS[404]), {})


async def unavailable(request: Request[Any], error: Exception) -> Response:
    """SQL or Redis is away, and nobody below knew what that means for the request: unknown, so repeat."""
    log.warning("backend_away", exc_info=error)
    message = _("The service can't answer just now. Try again in a moment; nothing that was confirmed is lost.")
    return _answer(request, _Told(503, "unavailable", message, {"retry_after": RETRY_S}), {"Retry-After": str(RETRY_S)})


async def internal_error(request: Request[Any], _error: Exception) -> Response:
    """A mistake of ours: its trace is in the log under the request's id, never in the answer."""
    message = _("Something went wrong on our side. Nothing that was confirmed is lost.")
    return _answer(request, _Told(500, "internal", message), {})


async def gone(_request: Request[Any], _error: Exception) -> Response:
    """The client left before its body had come; nobody reads this."""
    return Response(status_code=400)


HANDLERS: Final[Mapping[Any, ExceptionHandler]] = {
    DomainError: domain_error,
    HTTPException: http_error,
    RedisConnectionError: unavailable,
    RedisTimeoutError: unavailable,
    DBConnectionError: unavailable,
    OperationalError: unavailable,
    ValidationError: no_such_id,
    ClientDisconnect: gone,
    Exception: internal_error,
}
_HTTP_TEXTS: Final = {
    404: _("There is nothing at this address."),
    405: _("This address doesn't take this method."),
}
_WRONG_PERSON: Final = {"forbidden", "sign_in_required", "locked"}
_TITLES: Final = {
    401: _("Please sign in"),
    403: _("You may not do this"),
    404: _("There is nothing here"),
    429: _("A little slower, please"),
    500: _("That went wrong"),
    503: _("Just a moment"),
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to say, before anyone's language is known."""

    status: int
    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    way_on: tuple[str, str] | None = None


def _answer(request: Request[Any], told: _Told, headers: Mapping[str, str]) -> Response:
    refused(told.code)
    texts = translator_for(request)
    detail = texts.fill(told.message, told.details)
    answer = _page(request, texts, told, detail) if _is_for_a_person(request) else _problem(told, detail)
    answer.headers["Content-Language"] = texts.language
    answer.headers.update(headers)
    return answer


def _page(request: Request[Any], texts: Translator, told: _Told, detail: str) -> Response:
    title = texts(_TITLES.get(told.status, _("That did not work")))
    failed = told.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    context = {
        "title": title,
        "status": told.status,
        "detail": detail,
        "request_id": request_id.get() if failed else None,
        # What was asked for by GET is asked for again; a form is sent again from its own page, with its own key.
        "again": _address(request) if told.status == HTTPStatus.SERVICE_UNAVAILABLE and request.method == "GET" else "",
        "way_on": told.way_on and (told.way_on[0], texts(told.way_on[1])),
        "sign_in": _sign_in(request) if told.code in _WRONG_PERSON else "",
    }
    return render(request, "kernel/error.html", context, status=told.status)


def _sign_in(request: Request[Any]) -> str:
    """Where somebody else signs in, and comes back to what was asked for; a form has no page to come back to."""
    return "/sign-in" + (f"?{urlencode({'next': _address(request)})}" if request.method == "GET" else "")


def _address(request: Request[Any]) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _problem(told: _Told, detail: str) -> Response:
    members = {
        **told.details,
        "type": "about:blank",
        "title": HTTPStatus(told.status).phrase,
        "status": told.status,
        "detail": detail,
        "code": told.code,
        "request_id": request_id.get(),
    }
    return Response(msgspec.json.encode(members), told.status, media_type="application/problem+json")


def _allowed(request: Request[Any]) -> set[str]:
    """What every route of this address takes; the router itself knows only the first one's."""
    here = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in here if isinstance(route, Route) for method in route.methods or ()}


def _is_for_a_person(request: Request[Any]) -> bool:
    return not request.scope["path"].startswith("/api") and "text/html" in request.headers.get("accept", "")

"""What a browser or client shows: the session's token, and the proof that our own page sent a request."""

import hashlib
from ipaddress import IPv6Address, IPv6Network
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from o2o.kernel.http import MAX_BODY, parse_form, read_body
from o2o.kernel.state import KernelState, is_https
from o2o.kernel.uploads import PARTS, read_parts
from staff.errors import ForeignRequestError

COOKIE: Final = "staff"
CSRF_HEADER: Final = "x-csrf-token"
# Tells a staff token from a ticket's or a display's without asking SQL, and lets secret scanners find one.
PREFIX: Final = "o2os_"
KEY_PREFIX: Final = "o2ok_"
HOME: Final = "/clerk"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FORM: Final = "application/x-www-form-urlencoded"
OF_ONE_LINE: Final = 64


class Shown(NamedTuple):
    """The token that a request shows, and whether the browser sent it by itself."""

    token: str
    by_cookie: bool


class _Proof(msgspec.Struct):
    csrf: str = ""


def shown(connection: HTTPConnection[Any]) -> Shown | None:
    """A Bearer token wins over the cookie, whatever it is for: who sends one has said who they mean to be."""
    if authorization := connection.headers.get("authorization"):
        scheme, _space, token = authorization.partition(" ")
        mine = scheme.lower() == "bearer" and token.startswith((PREFIX, KEY_PREFIX))
        return Shown(token.strip(), by_cookie=False) if mine else None
    if "cookie" not in connection.headers:
        return None
    cookie = connection.cookies.get(cookie_name(connection), "")
    return Shown(cookie, by_cookie=True) if cookie.startswith(PREFIX) else None


def session_id(token: str) -> str:
    """The token has 256 random bits, so a plain hash of it is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def cookie_name(connection: HTTPConnection[Any]) -> str:
    """Under https the browser itself keeps other hosts and plain http from setting it (`__Host-`)."""
    return f"__Host-{COOKIE}" if is_https(connection) else COOKIE


def set_cookie(connection: HTTPConnection[Any], response: Response, token: str, seconds: int) -> None:
    https = is_https(connection)
    response.set_cookie(
        cookie_name(connection), token, max_age=seconds, path="/", secure=https, httponly=True, samesite="lax"
    )


def clear_cookie(connection: HTTPConnection[Any], response: Response) -> None:
    https = is_https(connection)
    response.delete_cookie(cookie_name(connection), path="/", secure=https, httponly=True, samesite="lax")


def address_of(connection: HTTPConnection[Any]) -> str:
    """Where the request came from; the server has already looked behind the proxies that it trusts.

    Of IPv6 it is the network of 64 bits: whoever has a line has all of its addresses.
    """
    host = connection.client.host if connection.client else "unknown"
    return _network(host) if ":" in host else host


def sign_in_address(connection: HTTPConnection[Any]) -> str:
    """The sign-in page, which leads back to the page that was asked for."""
    url = connection.url
    return "/sign-in?" + urlencode({"next": url.path + (f"?{url.query}" if url.query else "")})


def own_path(wish: str, home: str = HOME) -> str:
    """A path of this site, or a home: nobody is led elsewhere by a link to our sign-in."""
    sound = wish.startswith("/") and wish.isascii() and wish.isprintable()
    return wish if sound and not wish.startswith(("//", "/\\")) and "\\" not in wish else home


async def check_ours(connection: HTTPConnection[Any], session: str) -> None:
    """Raise ForeignRequestError unless an unsafe request carries this session's CSRF token, as header or field."""
    if not isinstance(connection, Request) or connection.method in SAFE:
        return
    check_origin(connection)
    given = connection.headers.get(CSRF_HEADER) or await _field(connection)
    if not _state(connection)["signer"].verify_token("csrf", session, given):
        raise ForeignRequestError


def check_origin(connection: HTTPConnection[Any]) -> None:
    """Raise ForeignRequestError when the browser says that another site's page sent the request."""
    if connection.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise ForeignRequestError
    origin = connection.headers.get("origin")
    ours = {connection.headers.get("host"), urlsplit(_state(connection)["settings"].base_url).netloc}
    if origin is not None and origin.partition("://")[2] not in ours:
        raise ForeignRequestError


async def _field(request: Request[Any]) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        return parse_form(await read_body(request), _Proof).csrf
    if kind == PARTS:  # A page that takes more than any other form may have has read it already.
        return (await read_parts(request, MAX_BODY)).fields.get("csrf", "")
    return ""


def _network(host: str) -> str:
    try:
        address = IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    return str(address.ipv4_mapped or IPv6Network((int(address), OF_ONE_LINE), strict=False))


def _state(connection: HTTPConnection[Any]) -> KernelState:
    state: KernelState = connection.state
    return state

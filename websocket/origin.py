"""Whose page opens a socket. The browser says so, and only then may a cookie speak for it."""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


def comes_from_us(connection: HTTPConnection[Any], base_url: str) -> bool:
    """Whether the handshake is our own page's, or a program's that shows its right itself.

    A browser always sends Origin, and a cookie with it whoever's page it is; so without Origin a cookie counts only
    beside an Authorization header. A client that shows nothing at all is let in, to be told by a close code.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return "authorization" in connection.headers or "cookie" not in connection.headers
    parts = urlsplit(origin.lower())
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return False
    host = connection.headers.get("host", "").lower()
    return origin.lower() == base_url.lower() or parts.netloc == host

"""Whose page opens a socket. The browser says so, and only then may a cookie speak for it."""

from typing import Any, Final

from starlette.requests import HTTPConnection

SAYING: Final = frozenset({b"origin", b"authorization", b"cookie", b"host"})


def comes_from_us(connection: HTTPConnection[Any], base_url: str) -> bool:
    """Whether the handshake is our own page's, or a program's that shows its right itself.

    A browser always sends Origin, and a cookie with it whoever's page it is; so without Origin a cookie counts only
    beside an Authorization header. A client that shows nothing at all is let in, to be told by a close code.
    """
    given: list[tuple[bytes, bytes]] = connection.scope["headers"]
    headers = {name: value for name, value in reversed(given) if name in SAYING}  # Of several the first counts.
    if b"origin" not in headers:
        return b"authorization" in headers or b"cookie" not in headers
    origin = headers[b"origin"].decode("latin-1")
    scheme, _, place = origin.lower().partition("://")
    if scheme not in {"http", "https"} or not place:
        return False
    host = headers.get(b"host", b"").decode("latin-1").lower()
    return origin.lower() == base_url.lower() or place == host

"""Who owns an order: whoever shows its token, as Bearer or in the signed cookie."""

from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from o2o.kernel.signing import Signer

PURPOSE: Final = "order"
COOKIE_S: Final = 90 * 86_400  # So long things go back and questions come.
BEARER: Final = "bearer "


def token_of(signer: Signer, order: str) -> str:
    return signer.token(PURPOSE, order)


def owns(signer: Signer, connection: HTTPConnection[Any], order: str) -> bool:
    """Whether the request shows the order's token. The header counts before the cookie."""
    header = connection.headers.get("authorization", "")
    by_header = header.lower().startswith(BEARER)
    shown = header[len(BEARER) :] if by_header else connection.cookies.get(_cookie(order), "")
    return is_token(signer, order, shown)


def is_token(signer: Signer, order: str, token: str) -> bool:
    return signer.verify_token(PURPOSE, order, token)


def give_cookie(response: Response, signer: Signer, order: str, *, secure: bool) -> None:
    """Let this browser own the order."""
    response.set_cookie(
        _cookie(order), token_of(signer, order), max_age=COOKIE_S, httponly=True, secure=secure, samesite="lax"
    )


def _cookie(order: str) -> str:
    return f"o_{order}"

"""Who owns a ticket: whoever shows its token, as Bearer or in the signed cookie."""

from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from o2o.kernel.signing import Signer

PURPOSE: Final = "ticket"
COOKIE_S: Final = 2 * 86_400  # A ticket outlives its business day by some hours at most.
BEARER: Final = "bearer "


def token_of(signer: Signer, ticket: str) -> str:
    return signer.token(PURPOSE, ticket)


def owns(signer: Signer, connection: HTTPConnection[Any], ticket: str) -> bool:
    """Whether the request shows the ticket's token. The header counts before the cookie."""
    by_header = shown_token(connection)
    return is_token(signer, ticket, connection.cookies.get(_cookie(ticket), "") if by_header is None else by_header)


def shown_token(connection: HTTPConnection[Any]) -> str | None:
    """What the request shows as Bearer; None when it shows nothing."""
    header = connection.headers.get("authorization", "")
    return header[len(BEARER) :] if header.lower().startswith(BEARER) else None


def is_token(signer: Signer, ticket: str, token: str) -> bool:
    return signer.verify_token(PURPOSE, ticket, token)


def give_cookie(response: Response, signer: Signer, ticket: str, *, secure: bool) -> None:
    """Let this browser own the ticket."""
    response.set_cookie(
        _cookie(ticket), token_of(signer, ticket), max_age=COOKIE_S, httponly=True, secure=secure, samesite="lax"
    )


def _cookie(ticket: str) -> str:
    return f"t_{ticket}"

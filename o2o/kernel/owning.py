"""Who owns a ticket or an order without signing in: whoever shows its token, as Bearer or in a cookie."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from o2o.kernel.signing import Signer

BEARER: Final = "bearer "


def shown_token(connection: HTTPConnection[Any]) -> str | None:
    """What the request shows as Bearer; None when it shows nothing."""
    header = connection.headers.get("authorization", "")
    return header[len(BEARER) :] if header.lower().startswith(BEARER) else None


@dataclass(frozen=True, slots=True)
class Ownership:
    """How things of one kind are owned: by tokens for `purpose`, in cookies `<cookie>_<id>` that last `lasts_s`."""

    purpose: str
    cookie: str
    lasts_s: int

    def token_of(self, signer: Signer, thing: str) -> str:
        return signer.token(self.purpose, thing)

    def is_token(self, signer: Signer, thing: str, token: str) -> bool:
        return signer.verify_token(self.purpose, thing, token)

    def owns(self, signer: Signer, connection: HTTPConnection[Any], thing: str) -> bool:
        """Whether the request shows the thing's token. The header counts before the cookie."""
        by_header = shown_token(connection)
        by_cookie = connection.cookies.get(f"{self.cookie}_{thing}", "")
        return self.is_token(signer, thing, by_cookie if by_header is None else by_header)

    def give_cookie(self, response: Response, signer: Signer, thing: str, *, secure: bool) -> None:
        """Let this browser own the thing."""
        response.set_cookie(
            f"{self.cookie}_{thing}",
            self.token_of(signer, thing),
            max_age=self.lasts_s,
            httponly=True,
            secure=secure,
            samesite="lax",
        )

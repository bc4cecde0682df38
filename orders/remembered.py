"""Who ordered with this browser last, so that the next order is one tap: sealed in a cookie, kept nowhere else."""

from typing import Final

import msgspec
from starlette.responses import Response

from o2o.kernel.signing import SealError, Signer
from orders.state import OrdersRequest

COOKIE: Final = "buyer"
KEPT_S: Final = 180 * 86_400


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """A list, as no contact is that is sealed in a table: whoever has copied one can't have it read to them here."""

    phone: str = ""
    name: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""


def remembered(request: OrdersRequest) -> Remembered:
    """Nobody, when nothing was ordered with this browser, or it was sealed with a key that is not ours any more."""
    try:
        text = request.state["signer"].open(request.cookies.get(COOKIE, ""))
        return msgspec.json.decode(text, type=Remembered)
    except (SealError, msgspec.DecodeError):
        return Remembered()


def remember(response: Response, signer: Signer, person: Remembered, *, secure: bool) -> None:
    sealed = signer.seal(msgspec.json.encode(person).decode())
    response.set_cookie(COOKIE, sealed, max_age=KEPT_S, path="/checkout", httponly=True, secure=secure, samesite="lax")

"""Who keeps something without an account: a browser by a signed cookie, everybody else by their address."""

import secrets
from typing import Final

from starlette.responses import Response

from booking.service.carrying import PURPOSE
from o2o.kernel.owning import shown_token
from o2o.kernel.signing import Signer
from o2o.kernel.state import is_https
from orders.state import OrdersRequest
from staff.browsers import address_of

COOKIE: Final = "o2o_customer"
COOKIE_S: Final = 86_400
_CUSTOMER: Final = "customer"


def holder_of(request: OrdersRequest) -> str:
    """As stock names whoever asks. While limits per address are off, whoever shows no cookie is somebody new."""
    state = request.state
    if known := _shown(request, state["signer"]):
        return f"customer:{known}"
    if state["settings"].rate_limits:
        return f"address:{state['signer'].token('address', address_of(request))}"
    return f"customer:{secrets.token_urlsafe(16)}"


def remember_holder(request: OrdersRequest, response: Response) -> None:
    """Let this browser be known again, apart from others at its address."""
    state = request.state
    if _shown(request, state["signer"]) is None:
        known = secrets.token_urlsafe(16)
        value = f"{known}.{state['signer'].token(_CUSTOMER, known)}"
        secure = is_https(request)
        response.set_cookie(COOKIE, value, max_age=COOKIE_S, httponly=True, secure=secure, samesite="lax")


def hold_token(signer: Signer, hold: str) -> str:
    return signer.token(PURPOSE, hold)


def owns_hold(request: OrdersRequest, hold: str) -> bool:
    """Whether the request shows the hold's token."""
    return request.state["signer"].verify_token(PURPOSE, hold, shown_token(request) or "")


def _shown(request: OrdersRequest, signer: Signer) -> str | None:
    known, _dot, token = request.cookies.get(COOKIE, "").partition(".")
    return known if known and signer.verify_token(_CUSTOMER, known, token) else None

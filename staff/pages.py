"""The sign-in page."""

from math import ceil
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.http import form
from o2o.kernel.i18n import translator_for
from o2o.kernel.pages import render
from staff.browsers import address_of, check_origin, clear_cookie, session_id, set_cookie, shown
from staff.schemas import Credentials
from staff.service import require_session, sign_in, sign_out
from staff.sessions import SHIFT, By, end_session
from staff.state import StaffState
from staff.states import SessionKind

HOME: Final = "/clerk"


class SignInForm(msgspec.Struct, forbid_unknown_fields=True):
    username: str = ""
    password: str = ""
    next: str = ""


async def show_sign_in(request: Request[StaffState]) -> Response:
    return _page(request, SignInForm(next=request.query_params.get("next", "")))


async def create_session(request: Request[StaffState]) -> Response:
    check_origin(request)
    filled = await form(request, SignInForm)
    try:
        credentials = Credentials(filled.username, filled.password)
        made = await sign_in(request.state, credentials, address_of(request), SessionKind.BROWSER)
    except DomainError as refusal:
        return _page(request, filled, refusal)
    if before := shown(request):
        by = By(made.staff.principal, to_ms(request.state["clock"]()))
        await end_session(session_id(before.token), by, "signed in anew")
    response = RedirectResponse(own_path(filled.next), 303)
    set_cookie(request, response, made.token, ceil(SHIFT.total_seconds()))
    return response


async def create_sign_out(request: Request[StaffState]) -> Response:
    staff = await require_session(request)
    await sign_out(staff, request.state["clock"]())
    response = RedirectResponse("/sign-in", 303)
    clear_cookie(request, response)
    return response


def own_path(wish: str) -> str:
    """A path of this site, or the home of staff: nobody is led elsewhere by a link to our sign-in."""
    sound = wish.startswith("/") and wish.isascii() and wish.isprintable()
    return wish if sound and not wish.startswith(("//", "/\\")) and "\\" not in wish else HOME


def _page(request: Request[Any], filled: SignInForm, refusal: DomainError | None = None) -> Response:
    refused = refusal and translator_for(request).fill(refusal.message, refusal.details)
    context = {"next": own_path(filled.next), "username": filled.username, "refused": refused}
    response = render(request, "staff/sign_in.html", context, refusal.status if refusal else 200)
    if refusal and "retry_after" in refusal.details:
        response.headers["Retry-After"] = str(refusal.details["retry_after"])
    return response


routes: list[BaseRoute] = [
    Route("/sign-in", show_sign_in, methods=["GET"], name="sign_in"),
    Route("/sign-in", create_session, methods=["POST"]),
    Route("/sign-out", create_sign_out, methods=["POST"], name="sign_out"),
]

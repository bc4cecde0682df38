"""Signing in, the lock, the own PIN and the own password, as pages."""

from contextlib import suppress
from math import ceil
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import refused
from o2o.kernel.http import form
from o2o.kernel.i18n import translator_for
from o2o.kernel.pages import render
from staff.browsers import address_of, check_origin, clear_cookie, own_path, session_id, set_cookie, shown
from staff.endpoints import choose_password, choose_pin
from staff.errors import NoRightError, SignInRequiredError, WrongPinError
from staff.locking import lock, unlock
from staff.manage import signed_in
from staff.passwords import LONGEST, SHORTEST
from staff.schemas import Credentials, OwnPassword, OwnPin, Staff
from staff.service import csrf_token, require_session, sign_in, sign_out
from staff.sessions import SHIFT, By, end_session
from staff.shift import home_of
from staff.state import StaffState
from staff.states import SessionKind

SIGN_IN: Final = "/sign-in"

StaffRequest = Request[StaffState]


class LockForm(msgspec.Struct, forbid_unknown_fields=True):
    csrf: str = ""
    next: str = ""


class PinForm(LockForm, forbid_unknown_fields=True):
    password: str = ""
    pin: str = ""


class PasswordForm(LockForm, forbid_unknown_fields=True):
    password: str = ""
    new: str = ""


class SignInForm(PinForm, forbid_unknown_fields=True):
    """With a `pin` it unlocks the session that there is, else a new one begins."""

    username: str = ""


async def show_sign_in(request: StaffRequest) -> Response:
    """The form to sign in; to whoever is only locked, the one to unlock, unless the password is wished for."""
    path, locked = request.query_params.get("next", ""), await _locked(request)
    if locked and locked.pin and "password" not in request.query_params:
        return _unlock_page(request, locked, path)
    return _page(request, SignInForm(username=locked.username if locked else "", next=path), locked=locked is not None)


async def create_session(request: StaffRequest) -> Response:
    check_origin(request)
    filled = await form(request, SignInForm)
    if filled.pin:
        return await _unlock(request, filled)
    try:
        credentials = Credentials(filled.username, filled.password)
        made = await sign_in(request.state, credentials, address_of(request), SessionKind.BROWSER)
    except DomainError as refusal:
        return _page(request, filled, refusal)
    if before := shown(request):
        by = By(made.staff.principal, to_ms(request.state["clock"]()))
        await end_session(session_id(before.token), by, "signed in anew")
    response = RedirectResponse(_then(filled.next, made.staff), 303)
    set_cookie(request, response, made.token, ceil(SHIFT.total_seconds()))
    return response


async def create_sign_out(request: StaffRequest) -> Response:
    with suppress(SignInRequiredError):  # The shift is over, or the button was pressed twice: so it shall be.
        await sign_out(await require_session(request, even_locked=True), request.state["clock"]())
    response = RedirectResponse(SIGN_IN, 303)
    clear_cookie(request, response)
    return response


async def create_lock(request: StaffRequest) -> Response:
    """Lock, and ask for the PIN; what was being done stays as it is, and is gone back to."""
    staff, filled = await require_session(request, even_locked=True), await form(request, LockForm)
    await lock(request.state, staff)
    return RedirectResponse(request.url_for("sign_in").include_query_params(next=_then(filled.next, staff)), 303)


@signed_in
async def show_pin(request: StaffRequest) -> Response:
    staff = await require_session(request)
    return _pin_page(request, staff, request.query_params.get("next", ""), done="done" in request.query_params)


async def create_pin(request: StaffRequest) -> Response:
    staff, filled = await require_session(request), await form(request, PinForm)
    try:
        await choose_pin(request, staff, OwnPin(filled.password, filled.pin.strip()))
    except DomainError as refusal:
        return _pin_page(request, staff, filled.next, refusal)
    there = request.url_for("own_pin").include_query_params(next=_then(filled.next, staff), done="")
    return RedirectResponse(there, 303)


@signed_in
async def show_password(request: StaffRequest) -> Response:
    staff, asked = await require_session(request), request.query_params
    return _password_page(request, staff, asked.get("next", ""), done="done" in asked)


async def create_password(request: StaffRequest) -> Response:
    staff, filled = await require_session(request), await form(request, PasswordForm)
    try:
        await choose_password(request, staff, OwnPassword(filled.password, filled.new))
    except DomainError as refusal:
        return _password_page(request, staff, filled.next, refusal)
    there = request.url_for("own_password").include_query_params(next=_then(filled.next, staff), done="")
    return RedirectResponse(there, 303)


def _then(wish: str, staff: Staff) -> str:
    return own_path(wish, home_of(staff))


async def _unlock(request: StaffRequest, filled: SignInForm) -> Response:
    try:
        staff = await require_session(request, even_locked=True)
    except SignInRequiredError as refusal:  # It ended meanwhile.
        return _page(request, filled, refusal)
    try:
        await unlock(request.state, staff, filled.pin.strip())
    except WrongPinError as refusal:
        if refusal.details["left"]:
            return _unlock_page(request, staff, filled.next, refusal)
        return _page(request, SignInForm(username=staff.username, next=filled.next), refusal)
    return RedirectResponse(_then(filled.next, staff), 303)


async def _locked(request: StaffRequest) -> Staff | None:
    try:
        staff = await require_session(request, even_locked=True)
    except (SignInRequiredError, NoRightError):
        return None
    return staff if staff.locked else None


def _page(
    request: Request[Any], filled: SignInForm, refusal: DomainError | None = None, *, locked: bool = False
) -> Response:
    context = {"next": own_path(filled.next, ""), "username": filled.username, "locked": locked}
    return _form(request, "staff/sign_in.html", context, refusal)


def _unlock_page(request: Request[Any], staff: Staff, path: str, refusal: DomainError | None = None) -> Response:
    context = {"next": own_path(path, ""), "name": staff.name, "csrf": csrf_token(staff)}
    return _form(request, "staff/unlock.html", context, refusal)


def _pin_page(
    request: Request[Any], staff: Staff, path: str, refusal: DomainError | None = None, *, done: bool = False
) -> Response:
    context = {"next": _then(path, staff), "csrf": csrf_token(staff), "has_pin": staff.pin, "done": done}
    return _form(request, "staff/pin.html", context, refusal)


def _password_page(
    request: Request[Any], staff: Staff, path: str, refusal: DomainError | None = None, *, done: bool = False
) -> Response:
    context = {"next": _then(path, staff), "csrf": csrf_token(staff), "username": staff.username, "done": done}
    return _form(request, "staff/password.html", context | {"shortest": SHORTEST, "longest": LONGEST}, refusal)


def _form(request: Request[Any], template: str, context: dict[str, Any], refusal: DomainError | None) -> Response:
    told = refused(refusal, translator_for(request))
    response = render(request, template, context | told, refusal)
    response.headers["Cache-Control"] = "no-store"
    return response


routes: list[BaseRoute] = [
    Route(SIGN_IN, show_sign_in, methods=["GET"], name="sign_in"),
    Route(SIGN_IN, create_session, methods=["POST"]),
    Route("/sign-out", create_sign_out, methods=["POST"], name="sign_out"),
    Route("/lock", create_lock, methods=["POST"], name="lock"),
    Route("/pin", show_pin, methods=["GET"], name="own_pin"),
    Route("/pin", create_pin, methods=["POST"]),
    Route("/password", show_password, methods=["GET"], name="own_password"),
    Route("/password", create_password, methods=["POST"]),
]

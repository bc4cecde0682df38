"""Sessions over HTTP."""

from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.clock import to_ms
from o2o.kernel.http import Nothing, decode, no_content, reply
from o2o.kernel.openapi import documented
from staff.browsers import address_of, check_origin, clear_cookie, set_cookie
from staff.locking import lock, set_pin, unlock
from staff.people import hashed, setting_password, settle
from staff.schemas import Credentials, OwnPassword, OwnPin, SessionAnswer, SignedInAnswer, Staff, Unlocking
from staff.service import identify, require_session, sign_in, sign_out
from staff.sessions import SHIFT, By
from staff.state import StaffState
from staff.states import SessionKind

PATH = "/api/v1/session"


@documented(json=Credentials, resp={201: SignedInAnswer}, keyed=False)
async def create_session(request: Request[StaffState]) -> Response:
    """Sign in. Clients send the token as Bearer; browsers get a cookie too, and need the CSRF token with it."""
    check_origin(request)
    credentials = await decode(request, Credentials)
    kind = SessionKind.BROWSER if "sec-fetch-site" in request.headers else SessionKind.API
    made = await sign_in(request.state, credentials, address_of(request), kind)
    staff = made.staff
    response = reply(SignedInAnswer(*_shown(staff), token=made.token), 201)
    set_cookie(request, response, made.token, ceil(SHIFT.total_seconds()))
    return response


@documented(resp={200: SessionAnswer})
async def show_session(request: Request[StaffState]) -> Response:
    """Who is signed in, what they may, until when, and whether a PIN is asked for first."""
    return reply(SessionAnswer(*_shown(await require_session(request, even_locked=True))))


@documented(resp={204: None})
async def delete_session(request: Request[StaffState]) -> Response:
    """Sign out: the token and the cookie are worth nothing from now on."""
    staff = await require_session(request, even_locked=True)
    await sign_out(staff, request.state["clock"]())
    response = no_content()
    clear_cookie(request, response)
    return response


@documented(json=Nothing, resp={204: None})
async def replace_lock(request: Request[StaffState]) -> Response:
    """Lock the session: it may do nothing and watch nothing until it is unlocked."""
    staff = await require_session(request, even_locked=True)
    await decode(request, Nothing)
    await lock(request.state, staff)
    return no_content()


@documented(json=Unlocking, resp={200: SessionAnswer, 409: None}, keyed=False)
async def create_unlocking(request: Request[StaffState]) -> Response:
    """Unlock the session by the PIN; with the fifth wrong one it ends."""
    staff = await require_session(request, even_locked=True)
    await unlock(request.state, staff, (await decode(request, Unlocking)).pin)
    return reply(SessionAnswer(*_shown(await require_session(request))))


@documented(json=OwnPin, resp={204: None})
async def replace_pin(request: Request[StaffState]) -> Response:
    """Choose the PIN that unlocks one's own sessions."""
    staff, given = await require_session(request), await decode(request, OwnPin)
    await choose_pin(request, staff, given)
    return no_content()


@documented(json=OwnPassword, resp={204: None})
async def replace_own_password(request: Request[StaffState]) -> Response:
    """Choose another password for oneself. All one's other sessions end."""
    staff, given = await require_session(request), await decode(request, OwnPassword)
    await choose_password(request, staff, given)
    return no_content()


async def choose_password(request: Request[StaffState], staff: Staff, given: OwnPassword) -> None:
    """Raises WrongCredentialsError, TooManySignInsError, InvalidError, SignInRequiredError."""
    await identify(request.state, Credentials(staff.username, given.password), address_of(request))
    password_hash, by = await hashed(given.new, field="new"), By(staff.principal, to_ms(request.state["clock"]()))
    await settle(staff.username, setting_password(staff.username, password_hash, by, but=staff.session))


async def choose_pin(request: Request[StaffState], staff: Staff, given: OwnPin) -> None:
    """Raises WrongCredentialsError, TooManySignInsError, InvalidError."""
    await identify(request.state, Credentials(staff.username, given.password), address_of(request))
    await set_pin(request.state, staff, given.pin)


def _shown(staff: Staff) -> tuple[Any, ...]:
    return (staff.username, staff.name, staff.grants, staff.expires_at, staff.csrf, staff.locked, staff.pin)


routes: list[BaseRoute] = [
    Route(PATH, create_session, methods=["POST"], name="create_session"),
    Route(PATH, show_session, methods=["GET"], name="show_session"),
    Route(PATH, delete_session, methods=["DELETE"], name="delete_session"),
    Route(PATH + "/lock", replace_lock, methods=["PUT"]),
    Route(PATH + "/unlocking", create_unlocking, methods=["POST"]),
    Route(PATH + "/pin", replace_pin, methods=["PUT"]),
    Route(PATH + "/password", replace_own_password, methods=["PUT"]),
]

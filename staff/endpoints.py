"""Sessions over HTTP."""

from math import ceil

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.http import decode, no_content, reply
from o2o.kernel.openapi import documented
from staff.browsers import address_of, check_origin, clear_cookie, set_cookie
from staff.schemas import Credentials, SessionAnswer, SignedInAnswer
from staff.service import expires_at, require_session, sign_in, sign_out
from staff.sessions import SHIFT
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
    answer = SignedInAnswer(staff.username, staff.name, staff.grants, made.expires_at, staff.csrf, token=made.token)
    response = reply(answer, 201)
    set_cookie(request, response, made.token, ceil(SHIFT.total_seconds()))
    return response


@documented(resp={200: SessionAnswer})
async def show_session(request: Request[StaffState]) -> Response:
    """Who is signed in, what they may, and until when."""
    staff = await require_session(request)
    ends = await expires_at(staff, request.state["clock"]())
    return reply(SessionAnswer(staff.username, staff.name, staff.grants, ends, staff.csrf))


@documented(resp={204: None})
async def delete_session(request: Request[StaffState]) -> Response:
    """Sign out: the token and the cookie are worth nothing from now on."""
    staff = await require_session(request)
    await sign_out(staff, request.state["clock"]())
    response = no_content()
    clear_cookie(request, response)
    return response


routes: list[BaseRoute] = [
    Route(PATH, create_session, methods=["POST"], name="create_session"),
    Route(PATH, show_session, methods=["GET"], name="show_session"),
    Route(PATH, delete_session, methods=["DELETE"], name="delete_session"),
]

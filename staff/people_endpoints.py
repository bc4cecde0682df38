"""People and their sessions over HTTP: managers, provinces and headquarters, each within their own rights."""

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from tortoise.exceptions import IntegrityError

from o2o.kernel.clock import to_ms
from o2o.kernel.http import Nothing, Operation, decode, no_content, operation, parse, query, read_body, reply
from o2o.kernel.idempotency import once
from o2o.kernel.openapi import documented
from o2o.kernel.paging import page
from o2o.kernel.signing import base64url
from staff import people as verbs
from staff.errors import PersonExistsError, PersonNotFoundError, SessionNotFoundError
from staff.people_schemas import (
    GivenRoles,
    HallPageQuery,
    NewPassword,
    NewPerson,
    PersonList,
    PersonRow,
    SessionList,
)
from staff.queries import open_sessions, owner_of_session, people, person_row
from staff.ranks import sees
from staff.schemas import Staff
from staff.service import require_person, require_session
from staff.sessions import IDLE, By, end_session
from staff.state import StaffState
from staff.states import Role

PATH: Final = "/api/v1/people"
SESSIONS: Final = "/api/v1/sessions"

StaffRequest = Request[StaffState]


@documented(resp={200: PersonList}, query=HallPageQuery)
async def list_people(request: StaffRequest) -> Response:
    """Who works in a hall (its manager); without a hall everyone (headquarters)."""
    wish = query(request, HallPageQuery)
    await require_person(request, Role.HQ if wish.hall is None else Role.MANAGER, wish.hall)
    found = await people(wish.hall, after=wish.cursor or "", limit=wish.limit + 1)
    shown = found[: wish.limit]
    return reply(PersonList(shown, shown[-1].username if len(found) > wish.limit else None))


@documented(json=NewPerson, resp={201: PersonRow, 403: None, 409: None})
async def create_person(request: StaffRequest) -> Response:
    """Add a person, with roles that one may give: managers clerks, provinces managers too, headquarters all."""
    staff, body = await require_person(request, Role.MANAGER), await read_body(request)
    given = parse(body, NewPerson)
    rights = await verbs.checked_rights(request.state["directory"], given.roles)
    op = sealed(request, operation(request, staff.principal, body), body)
    ready = await verbs.prepare(given.username, given.name, given.password, rights)
    try:
        answer = await once(op, request.state["clock"], verbs.adding(ready, by(request, staff)), 201)
    except IntegrityError as error:
        raise PersonExistsError(given.username) from error
    return reply(answer.body, answer.status)


@documented(resp={200: PersonRow, 404: None})
async def show_person(request: StaffRequest) -> Response:
    """Somebody who works where one manages."""
    _staff, row = await _person(request)
    return reply(row)


@documented(json=GivenRoles, resp={200: PersonRow, 403: None, 404: None})
async def replace_roles(request: StaffRequest) -> Response:
    """Give a person these roles and no others. What changes must be one's own to give; the rest may stay as it is."""
    staff, row = await _person(request)
    given = await decode(request, GivenRoles)
    rights = await verbs.checked_rights(request.state["directory"], given.roles)
    verb = verbs.giving_roles(row.username, rights, by(request, staff))
    return reply(await verbs.settle(row.username, verb))


@documented(json=NewPassword, resp={204: None, 403: None, 404: None})
async def replace_password(request: StaffRequest) -> Response:
    """Give a person another password, and sign them out everywhere."""
    staff, row = await _person(request)
    password_hash = await verbs.hashed((await decode(request, NewPassword)).password)
    await verbs.settle(row.username, verbs.setting_password(row.username, password_hash, by(request, staff)))
    return no_content()


@documented(resp={204: None, 403: None, 404: None})
async def delete_pin(request: StaffRequest) -> Response:
    """Take a person's PIN away. They unlock with the password until they have set another."""
    staff, row = await _person(request)
    await verbs.settle(row.username, verbs.removing_pin(row.username, by(request, staff)))
    return no_content()


@documented(json=Nothing, resp={200: PersonRow, 403: None, 404: None})
async def create_disablement(request: StaffRequest) -> Response:
    """Let a person in no more. Their sessions end at once, and the keys that they made rest."""
    staff, row = await _person(request)
    body = await read_body(request)
    parse(body, Nothing)
    verb = verbs.disabling(row.username, by(request, staff))
    answer = await once(operation(request, staff.principal, body), request.state["clock"], verb)
    verbs.doubt(row.username)
    return reply(answer.body)


@documented(resp={204: None, 403: None, 404: None})
async def delete_disablement(request: StaffRequest) -> Response:
    """Let a person in again."""
    staff, row = await _person(request)
    await verbs.settle(row.username, verbs.disabling(row.username, by(request, staff), disabled=False))
    return no_content()


@documented(resp={200: SessionList}, query=HallPageQuery)
async def list_sessions(request: StaffRequest) -> Response:
    """The open sessions of those who work in a hall (its manager); without a hall of everyone (headquarters)."""
    wish = query(request, HallPageQuery)
    await require_person(request, Role.HQ if wish.hall is None else Role.MANAGER, wish.hall)
    found = await open_sessions(wish.hall, request.state["clock"](), IDLE)
    shown, following = page(found, wish.limit, wish.cursor, lambda session: session.id)
    return reply(SessionList(list(shown), following))


@documented(resp={204: None, 404: None})
async def delete_session(request: StaffRequest) -> Response:
    """End a session of somebody who works where one manages, or an own one. The counter stays as it is."""
    staff, session = await require_session(request), str(request.path_params["session"])
    owner = await owner_of_session(session)
    if owner is None or not (owner[0] == staff.id or (staff.may(Role.MANAGER) and sees(staff, owner[1]))):
        raise SessionNotFoundError
    await end_session(session, by(request, staff), "ended")
    return no_content()


def by(request: StaffRequest, staff: Staff) -> By:
    return By(staff.principal, to_ms(request.state["clock"]()), staff)


async def _person(request: StaffRequest) -> tuple[Staff, PersonRow]:
    """The person of the address; to those who don't manage where they work there is nobody of that name."""
    staff = await require_person(request, Role.MANAGER)
    username = str(request.path_params["person"])
    row = await person_row(username)
    if row is None or not sees(staff, row.roles):
        raise PersonNotFoundError(username)
    return staff, row


def sealed(request: StaffRequest, op: Operation, body: bytes) -> Operation:
    """A body with a password in it is kept by a digest that needs our key, so that it can't be guessed from SQL."""
    return replace(op, body=base64url(request.state["signer"].mac("body", body, 16)))


routes: list[BaseRoute] = [
    Route(PATH, list_people, methods=["GET"]),
    Route(PATH, create_person, methods=["POST"]),
    Route(PATH + "/{person}", show_person, methods=["GET"]),
    Route(PATH + "/{person}/roles", replace_roles, methods=["PUT"]),
    Route(PATH + "/{person}/password", replace_password, methods=["PUT"]),
    Route(PATH + "/{person}/pin", delete_pin, methods=["DELETE"]),
    Route(PATH + "/{person}/disablement", create_disablement, methods=["POST"]),
    Route(PATH + "/{person}/disablement", delete_disablement, methods=["DELETE"]),
    Route(SESSIONS, list_sessions, methods=["GET"]),
    Route(SESSIONS + "/{session}", delete_session, methods=["DELETE"]),
]

"""Keys for programs over HTTP: made, listed and revoked by people who may at least as much."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.database import transaction
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import no_content, operation, parse, query, read_body, reply
from o2o.kernel.i18n import _
from o2o.kernel.idempotency import once
from o2o.kernel.openapi import documented
from staff.errors import KeyNotFoundError, NoRightError
from staff.keys import doubt_key, make_key, revoke_key, token_of
from staff.people import checked_rights
from staff.people_endpoints import by
from staff.people_schemas import GivenRole, HallPageQuery, KeyList, KeyMade, KeyRow, NewKey
from staff.queries import valid_key, valid_keys
from staff.ranks import holds
from staff.schemas import Staff
from staff.service import require_person
from staff.state import StaffState
from staff.states import Role

PATH: Final = "/api/v1/keys"
YEARS: Final = 100
LONGEST: Final = timedelta(days=365 * YEARS)
"""Far from where dates end (9999): a key that ends there can't be shown on the clock of every zone."""

StaffRequest = Request[StaffState]


@documented(json=NewKey, resp={201: KeyMade, 403: None})
async def create_key(request: StaffRequest) -> Response:
    """Make a key with a right no wider than one's own. The answer's `token` is told this once."""
    staff, body = await require_person(request, Role.MANAGER), await read_body(request)
    made = await make_once(request, staff, parse(body, NewKey), body)
    return reply(made, 201)


async def make_once(request: StaffRequest, staff: Staff, given: NewKey, body: bytes, key: str | None = None) -> KeyMade:
    """Once, however often it is sent; a page passes the `key` of its form. Raises NoRightError, InvalidError."""
    clock, signer = request.state["clock"], request.state["signer"]
    (right,) = await checked_rights(request.state["directory"], [GivenRole(given.role, given.scope)])
    if not holds(staff, right):
        raise NoRightError
    at, op = by(request, staff).at, operation(request, staff.principal, body, key)

    async def work(client: BaseDBAsyncClient) -> KeyRow:
        _check_end(given, clock())
        return await make_key(client, signer, given, staff, at)

    answer = await once(op, clock, work, 201)
    row = msgspec.json.decode(answer.body, type=KeyRow)
    return KeyMade(**structs.asdict(row), token=token_of(signer, row.id))


def _check_end(given: NewKey, now: datetime) -> None:
    if given.expires_at is None:
        return
    if given.expires_at <= now:
        raise InvalidError(_("A key can't end before it begins."), field="expires_at")
    if given.expires_at > now + LONGEST:
        message = _("A key ends within %(years)s years. Leave the end out for one that has none.")
        raise InvalidError(message, field="expires_at", years=YEARS)


@documented(resp={200: KeyList}, query=HallPageQuery)
async def list_keys(request: StaffRequest) -> Response:
    """The keys that allow no more than one may oneself; with `hall` those of that hall."""
    wish, staff = query(request, HallPageQuery), await require_person(request, Role.MANAGER)
    now = request.state["clock"]()
    found = await valid_keys(staff, now, hall=wish.hall, after=wish.cursor, most=wish.limit + 1)
    shown = found[: wish.limit]
    return reply(KeyList(shown, shown[-1].id if len(found) > wish.limit else None))


@documented(resp={204: None, 404: None})
async def delete_key(request: StaffRequest) -> Response:
    """Revoke a key: it opens nothing from now on."""
    staff = await require_person(request, Role.MANAGER)
    await revoke(request, staff, str(request.path_params["key"]))
    return no_content()


async def revoke(request: StaffRequest, staff: Staff, key_id: str, *, again: bool = False) -> None:
    """Raises KeyNotFoundError, also for a key that allows more than one may, or has ended (and not `again`)."""
    found = await valid_key(staff, request.state["clock"](), key_id, even_ended=again)
    if found is None:
        raise KeyNotFoundError
    deed = by(request, staff)
    await transaction(lambda client: revoke_key(client, key_id, found.right, deed))
    doubt_key(key_id)


routes: list[BaseRoute] = [
    Route(PATH, create_key, methods=["POST"]),
    Route(PATH, list_keys, methods=["GET"]),
    Route(PATH + "/{key}", delete_key, methods=["DELETE"]),
]

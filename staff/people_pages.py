"""Who works in a hall, as its manager keeps it: people, their counters, passwords and sessions, and programs' keys."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from tortoise.exceptions import IntegrityError

from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import convert, form, operation, read_body
from o2o.kernel.i18n import _
from o2o.kernel.idempotency import answered, once
from staff import people as verbs
from staff.errors import NoRightError, PersonExistsError, PersonNotFoundError, SessionNotFoundError
from staff.key_endpoints import make_once, revoke
from staff.manage import HOME, Frame, frame, signed_in
from staff.people_endpoints import by, sealed
from staff.people_rows import key_rows, person_rows
from staff.people_schemas import GivenRole, KeyMade, NewKey, PersonRow
from staff.queries import open_sessions, owner_of_session, people, person_row, valid_keys
from staff.ranks import gives, sees
from staff.schemas import Right
from staff.sessions import IDLE, end_session
from staff.state import StaffState
from staff.states import Role

TAB: Final = "people"
ALL: Final = 1000  # More than work in any hall: the page shows them on one sheet.

StaffRequest = Request[StaffState]


class PeopleForm(Struct, forbid_unknown_fields=True):
    """Any of the page's forms: `act` says what its button does, `of` to whom; a form has what its act needs."""

    csrf: str = ""
    key: str = ""
    act: str = ""
    of: str = ""
    to: str = ""
    name: str = ""
    username: str = ""
    password: str = ""
    counter: str = ""
    role: str = ""
    read_only: str = ""
    ends: date | None = None


@signed_in
async def show_people(request: StaffRequest) -> Response:
    return await _page(await _frame(request))


async def change_people(request: StaffRequest) -> Response:
    """One of the page's forms. A key's token is on the page that follows, and nowhere else."""
    here = await _frame(request)
    filled = await form(request, PeopleForm)
    try:
        if filled.act not in ACTS:
            raise InvalidError(_("The form can't be read."), field="act")
        made = await ACTS[filled.act](here, filled)
    except DomainError as refusal:
        return await _page(here, filled, refusal)
    return here.done() if made is None else await _page(here, made=made)


async def _frame(request: StaffRequest) -> Frame:
    """As any tab's, for people: no program settles who may come in, or reads it."""
    here = await frame(request, TAB)
    if here.staff.key is not None:
        raise NoRightError
    return here


async def _page(
    here: Frame, filled: PeopleForm | None = None, refusal: DomainError | None = None, made: KeyMade | None = None
) -> Response:
    staff, now = here.staff, here.request.state["clock"]()
    found, sessions = await people(here.hall.id, limit=ALL), await open_sessions(here.hall.id, now, IDLE)
    context = {
        "people": person_rows(here, found, sessions),
        "keys": key_rows(here, await valid_keys(staff, now, hall=here.hall.id, most=ALL)),
        "counters": [(counter.id, counter.name) for counter in here.hall.counters],
        "gives_managers": gives(staff, Right(Role.MANAGER, here.hall.id)),
        "made": made,
        "filled": filled or PeopleForm(),
    }
    return here.page("staff/people.html", context, refusal, key=filled.key if filled else "")


async def _add(here: Frame, filled: PeopleForm) -> None:
    request, right = here.request, _right(here, filled)
    (checked,) = await verbs.checked_rights(request.state["directory"], [right])
    ready = await verbs.prepare(filled.username.strip().lower(), filled.name.strip(), filled.password, [checked])
    body = await read_body(request)
    op = sealed(request, operation(request, here.staff.principal, body, filled.key), body)
    try:
        await once(op, request.state["clock"], verbs.adding(ready, by(request, here.staff)), 201)
    except IntegrityError as error:
        raise PersonExistsError(ready.username) from error


async def _save(here: Frame, filled: PeopleForm) -> None:
    """The role and the counter in this hall; what the person does elsewhere stays."""
    row = await _person(here, filled.of)
    given = await verbs.checked_rights(here.request.state["directory"], [_right(here, filled)])
    verb = verbs.giving_roles(row.username, given, by(here.request, here.staff), hall=here.hall.id)
    await verbs.settle(row.username, verb)


async def _remove(here: Frame, filled: PeopleForm) -> None:
    """Once: who was taken away is nobody of whom the page knows when the button is pressed again."""
    request, clock = here.request, here.request.state["clock"]
    op = operation(request, here.staff.principal, await read_body(request), filled.key)
    if await answered(op, clock):
        return
    row = await _person(here, filled.of)
    await once(op, clock, verbs.giving_roles(row.username, [], by(request, here.staff), hall=here.hall.id))
    verbs.doubt(row.username)


async def _password(here: Frame, filled: PeopleForm) -> None:
    row, password_hash = await _person(here, filled.of), await verbs.hashed(filled.password)
    deed = by(here.request, here.staff)
    await verbs.settle(row.username, verbs.setting_password(row.username, password_hash, deed))


async def _pin(here: Frame, filled: PeopleForm) -> None:
    row = await _person(here, filled.of)
    await verbs.settle(row.username, verbs.removing_pin(row.username, by(here.request, here.staff)))


async def _disable(here: Frame, filled: PeopleForm) -> None:
    row = await _person(here, filled.of)
    await verbs.settle(row.username, verbs.disabling(row.username, by(here.request, here.staff)))


async def _enable(here: Frame, filled: PeopleForm) -> None:
    row = await _person(here, filled.of)
    await verbs.settle(row.username, verbs.disabling(row.username, by(here.request, here.staff), disabled=False))


async def _end(here: Frame, filled: PeopleForm) -> None:
    """As with a key: of a button that is pressed twice the second press finds it ended, which is what was wished."""
    owner = await owner_of_session(filled.of, even_ended=True)
    if owner is None or not sees(here.staff, owner[1]):
        raise SessionNotFoundError
    await end_session(filled.of, by(here.request, here.staff), "ended")


async def _make_key(here: Frame, filled: PeopleForm) -> KeyMade:
    ends = filled.ends and datetime.combine(filled.ends, time(), ZoneInfo(here.hall.time_zone))
    given = {"name": filled.name.strip(), "role": filled.role, "scope": here.hall.id}
    key = msgspec.structs.replace(convert(given, NewKey), read_only=bool(filled.read_only), expires_at=ends)
    return await make_once(here.request, here.staff, key, await read_body(here.request), filled.key)


async def _revoke_key(here: Frame, filled: PeopleForm) -> None:
    await revoke(here.request, here.staff, filled.of, again=True)


def _right(here: Frame, filled: PeopleForm) -> GivenRole:
    role = Role.MANAGER if filled.role == Role.MANAGER else Role.CLERK
    return GivenRole(role, here.hall.id, filled.counter or None)


async def _person(here: Frame, username: str) -> PersonRow:
    row = await person_row(username)
    if row is None or not sees(here.staff, row.roles):
        raise PersonNotFoundError(username)
    return row


ACTS: Final[Mapping[str, Callable[[Frame, PeopleForm], Awaitable[KeyMade | None]]]] = {
    "add": _add,
    "save": _save,
    "remove": _remove,
    "password": _password,
    "pin": _pin,
    "disable": _disable,
    "enable": _enable,
    "end": _end,
    "make-key": _make_key,
    "revoke-key": _revoke_key,
}

routes: list[BaseRoute] = [
    Route(HOME + "/{hall}/people", show_people, methods=["GET"], name="manage_people"),
    Route(HOME + "/{hall}/people", change_people, methods=["POST"]),
]

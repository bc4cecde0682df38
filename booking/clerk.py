"""The clerk's page: the present customer, the line, and buttons that are forms."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.picture import BoardTicket, Picture
from booking.queries import served_by, ticket_row
from booking.schemas import CallTicket, Complete, Requeue
from booking.service.line import Attempt
from booking.sought import seek
from booking.state import BookingRequest, attempt
from booking.wording import BLANK_ROW, line_row
from halls.schemas import Counter, Hall
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import new_key, refused
from o2o.kernel.http import parse_form, read_body
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from staff.browsers import sign_in_address
from staff.errors import NoRightError, SignInRequiredError
from staff.schemas import Staff
from staff.service import csrf_token, require
from staff.shift import shift_of
from staff.states import EVERYWHERE, Role

PAGE: Final = "/clerk"


class ActForm(msgspec.Struct, forbid_unknown_fields=True):
    """`act` is a key of ACTS; a row's button names its ticket too: `call:<id>`."""

    act: str
    counter: str
    key: str
    csrf: str
    ticket: str = ""


class _Desk(NamedTuple):
    staff: Staff
    hall: Hall
    counter: Counter
    counters: list[Counter]


class _Act(NamedTuple):
    counter: str
    ticket: str
    attempt: Attempt


async def show_clerk(request: BookingRequest) -> Response:
    try:
        staff = await require(request, Role.CLERK)
    except SignInRequiredError:
        return RedirectResponse(sign_in_address(request), 303)
    desk = await _desk(request, staff, request.query_params.get("counter") or staff.counter())
    return await _counters_page(request, staff) if desk is None else await _clerk_page(request, desk)


async def create_act(request: BookingRequest) -> Response:
    """What a button of the page asks for, without a script: carried out, and the page again."""
    staff, body = await require(request, Role.CLERK), await read_body(request)
    filled = parse_form(body, ActForm)
    desk = await _desk(request, staff, filled.counter)
    name, _colon, chosen = filled.act.partition(":")
    if desk is None or name not in ACTS:
        raise NoRightError
    ticket = chosen or ("" if name == "call" else filled.ticket)
    if ticket and (await request.state["line"].hall_of(ticket)).id != desk.hall.id:
        raise NoRightError
    tried = attempt(request, staff.principal, body, key=filled.key)
    try:
        await ACTS[name](request, _Act(desk.counter.id, ticket, tried))
    except DomainError as refusal:
        return await _clerk_page(request, desk, refusal)
    return RedirectResponse(f"{PAGE}?{urlencode({'counter': desk.counter.id})}", 303)


async def _clerk_page(request: BookingRequest, desk: _Desk, refusal: DomainError | None = None) -> Response:
    texts, picture = translator_for(request), await request.state["line"].store(desk.hall).picture()
    context = {
        "hall": {
            "id": desk.hall.id,
            "name": desk.hall.names.in_language(texts.language),
            "time_zone": desk.hall.time_zone,
        },
        "counter": {"id": desk.counter.id, "name": desk.counter.name},
        "counters": [{"id": one.id, "name": one.name} for one in desk.counters],
        "clerk_name": desk.staff.name,
        "csrf": csrf_token(desk.staff),
        "shift": shift_of(request, desk.staff, desk.hall.time_zone),
        "key": new_key(),
        "late_after": desk.hall.late_ms,
        "service_names": {one.id: one.names.in_language(texts.language) for one in desk.hall.services},
        "blank": BLANK_ROW,
        "sought": await seek(desk.hall, request.query_params.get("ticket", ""), texts),
        **await _present(request, desk, picture, texts),
        **refused(refusal, texts),
    }
    response = render(request, "booking/clerk.html", context, refusal.status if refusal else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _present(request: BookingRequest, desk: _Desk, picture: Picture | None, texts: Translator) -> dict[str, Any]:
    """Who is at the counter, who waits and who was not there, as the hall's board has it."""
    now = to_ms(request.state["clock"]())
    rows, absent, current = _rows(desk.hall, desk.counter, picture, now)
    state = picture.counters.get(desk.counter.id) if picture else None
    open_ = state is not None and state.open
    return {
        "now": now,
        "phase": (current.state.value if current else "idle") if open_ else "closed",
        "current": line_row(desk.hall, current, now, texts) if current else BLANK_ROW,
        "line": [line_row(desk.hall, row, now, texts) for row in rows],
        "absent": [line_row(desk.hall, row, now, texts) for row in absent],
        "served": await served_by(desk.hall.id, desk.counter.id, picture.day, picture.version) if picture else 0,
    }


def _rows(
    hall: Hall, counter: Counter, picture: Picture | None, now: int
) -> tuple[list[BoardTicket], list[BoardTicket], BoardTicket | None]:
    """The counter's line, the no-shows of its services, and the ticket it has."""
    if picture is None:
        return [], [], None
    line = picture.order(hall, now).of_counter(counter.id)
    absent = [row for row in picture.absent if row.service in counter.services]
    mine = picture.counters.get(counter.id)
    current = picture.tickets.get(mine.ticket) if mine and mine.ticket else None
    return line, absent, current


async def _desk(request: BookingRequest, staff: Staff, counter_id: str | None) -> _Desk | None:
    """The counter that was asked for, with the others of its hall; None when none was. Raises NoRightError."""
    if not counter_id:
        return None
    hall, counter = await request.state["directory"].counter(counter_id)
    if not staff.may(Role.CLERK, hall.id):
        raise NoRightError
    return _Desk(staff, hall, counter, list(hall.counters))


async def _counters_page(request: BookingRequest, staff: Staff) -> Response:
    """The counters to choose from; who looks for a ticket finds those of its hall."""
    texts, mine = translator_for(request), set(staff.halls(Role.CLERK))
    ticket = request.query_params.get("ticket", "")
    row = await ticket_row(ticket) if ticket else None
    halls = [
        one
        for one in await request.state["directory"].all()
        if (EVERYWHERE in mine or one.id in mine) and (row is None or row.hall == one.id)
    ]
    counters = [
        {"id": counter.id, "name": counter.name, "hall": hall.names.in_language(texts.language)}
        for hall in halls
        for counter in hall.counters
    ]
    context = {"counters": counters, "ticket": ticket, "manages": staff.may(Role.MANAGER)}
    return render(request, "booking/counters.html", context)


async def _open(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].open_counter(act.counter, act.attempt)


async def _close(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].close_counter(act.counter, act.attempt)


async def _call(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].call(act.counter, CallTicket(act.ticket or None), act.attempt)


async def _recall(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].recall(act.ticket, act.attempt)


async def _start(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].start(act.ticket, act.attempt)


async def _complete(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].complete(act.ticket, Complete(), act.attempt)


async def _no_show(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].no_show(act.ticket, act.attempt)


async def _requeue_first(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].requeue(act.ticket, Requeue("first"), act.attempt)


async def _requeue_last(request: BookingRequest, act: _Act) -> None:
    await request.state["calling"].requeue(act.ticket, Requeue("last"), act.attempt)


ACTS: Final[Mapping[str, Callable[[BookingRequest, _Act], Awaitable[None]]]] = {
    "open": _open,
    "close": _close,
    "call": _call,
    "recall": _recall,
    "start": _start,
    "complete": _complete,
    "no-show": _no_show,
    "requeue-first": _requeue_first,
    "requeue-last": _requeue_last,
}

routes: list[BaseRoute] = [
    Route(PAGE, show_clerk, methods=["GET"], name="clerk"),
    Route(PAGE, create_act, methods=["POST"]),
]

"""The clerk's page and its forms. Without a script a form comes back with the page, with one it is answered in JSON."""

from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.ahead import people_ahead
from booking.choosing import FEW, Asking, choose_hall, halls_of
from booking.clerk.acts import ACTS, Act, ActForm
from booking.clerk.desk import Desk, desk_at, desk_with, ticket_of_staff
from booking.clerk.floor import Search, floor
from booking.clerk.rows import BLANK, MINUTE_MS, class_names, service_names
from booking.clerk.said import NOBODY, Deed, Said, said_of
from booking.clerk.sheets import GIVEN, TICKET, Wish, sheet
from booking.queries import clerks_at, ticket_row
from booking.service.line import Change
from booking.state import BookingRequest, attempt
from booking.wording import fairness_words
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import next_key, refused
from o2o.kernel.http import parse_form, query, read_body, reply
from o2o.kernel.i18n import Translator, translator_for
from o2o.kernel.pages import render
from staff.browsers import sign_in_address
from staff.errors import NoRightError, SignInRequiredError
from staff.queries import names_of
from staff.schemas import Staff
from staff.service import csrf_token, require
from staff.shift import on_shift_anywhere, shift_of
from staff.states import Role

PAGE: Final = "/clerk"
JSON: Final = "application/json"
CHOOSE: Final = {"choose": "yes"}


class PageQuery(msgspec.Struct, frozen=True):
    """What the page is asked for.

    `choose`: another counter, of this `hall`; `ticket` and `part` are of a sheet; `did` is what was just done, to the
    ticket `of`; `q` and `service` search the line.
    """

    counter: str | None = None
    choose: str | None = None
    hall: str = ""
    sheet: str = ""
    ticket: str = ""
    part: str = ""
    did: str = ""
    of: str = ""
    q: str = ""
    service: str = ""


class Done(msgspec.Struct, frozen=True):
    """What a script is told of an act: the sentence to say, the act that undoes it, the sheet that comes next."""

    said: str | None
    undo: str | None
    sheet: str | None


async def show_clerk(request: BookingRequest) -> Response:
    try:
        staff = await require(request, Role.CLERK)
    except SignInRequiredError:
        return RedirectResponse(sign_in_address(request), 303)
    asked = query(request, PageQuery)
    desk = await _desk(request, staff, asked)
    if desk is None:
        return await _counters_page(request, staff, asked)
    return await _clerk_page(request, desk, asked)


async def create_act(request: BookingRequest) -> Response:
    """What a button of the page asks for, carried out; then the page again, or what a script needs to know."""
    staff, body = await require(request, Role.CLERK), await read_body(request)
    filled = parse_form(body, ActForm)
    desk = await desk_at(request.state["directory"], staff, filled.counter)
    tried = attempt(request, staff.principal, body, key=filled.key)  # All buttons of a page have its key.
    act = Act.of(desk, filled, tried.step(filled.act))
    if act.name not in ACTS:
        raise NoRightError
    if act.ticket and (await request.state["line"].hall_of(act.ticket)).id != desk.hall.id:
        raise NoRightError
    by_script = request.headers.get("accept", "").startswith(JSON)
    try:
        change = await ACTS[act.name](request.state, act)
    except DomainError as refusal:
        if by_script:
            raise
        asked = PageQuery(sheet=filled.sheet, ticket=filled.ticket if filled.sheet == TICKET else "")
        return await _clerk_page(request, desk, asked, refusal=refusal, filled=filled)
    if by_script:
        return reply(_told(act, change, translator_for(request)))
    await request.state["line"].desk(desk.hall).announced()  # The page that follows may be another process's.
    return RedirectResponse(_address(**_after(act, change)), 303)


def _after(act: Act, change: Change | None) -> dict[str, str]:
    """The query of the page that follows an act."""
    here = {"counter": act.counter}
    if change is None or change.ticket is None:
        return here | {"did": NOBODY} if act.name == "call" else here
    if act.name == "issue":
        return here | {"sheet": GIVEN, "ticket": change.ticket.id}
    return here | {"did": act.name, "of": change.ticket.id}


def _told(act: Act, change: Change | None, texts: Translator) -> Done:
    """What a script is told of it."""
    after = _after(act, change)
    row = change.ticket if change else None
    deed = Deed(act.desk.hall, row, change.ahead, texts) if change and row else None
    said = said_of(after.get("did", ""), deed, texts)
    return Done(
        said=said and said.words,
        undo=f"{said.undo}:{row.id}" if said and said.undo and row else None,
        sheet=_address(**after) if "sheet" in after else None,
    )


async def _was_done(request: BookingRequest, desk: Desk, asked: PageQuery, texts: Translator) -> Said | None:
    """What the page says, after its form was carried out, of what was done; the ticket is as it is by now."""
    row = await ticket_row(asked.of) if asked.of else None
    if row is None or row.hall != desk.hall.id:
        return said_of(asked.did, None, texts)
    ahead = await people_ahead(desk.hall, row, to_ms(request.state["clock"]()))
    return said_of(asked.did, Deed(desk.hall, row, ahead, texts), texts)


async def _clerk_page(
    request: BookingRequest,
    desk: Desk,
    asked: PageQuery,
    *,
    refusal: DomainError | None = None,
    filled: ActForm | None = None,
) -> Response:
    hall, texts = desk.hall, translator_for(request)
    said = await _was_done(request, desk, asked, texts)
    standing = await floor(request, desk, texts, Search(asked.q, asked.service))
    context = {
        "hall": {"id": hall.id, "name": hall.names.in_language(texts.language), "time_zone": hall.time_zone},
        "counter": {"id": desk.counter.id, "name": desk.counter.name},
        "here": _address(counter=desk.counter.id),
        "me": desk.staff.principal,
        "clerk_name": desk.staff.name,
        "csrf": csrf_token(desk.staff),
        "shift": shift_of(request, desk.staff, hall.time_zone),
        "key": next_key(filled.key if filled else "", refusal),
        "late_after": hall.late_ms,
        "put_back_for": hall.rules.put_back_minutes * MINUTE_MS,
        "services": {one: name for one, name in service_names(hall, texts).items() if one in desk.counter.services},
        "names": _names(desk, texts) | {"goods": standing["goods"]},
        "fairness": fairness_words(hall.rules, texts),
        "blank": BLANK,
        "search": asked,
        "said": said and said.words,
        "undo": f"{said.undo}:{asked.of}" if said and said.undo else None,
        "sheet": await sheet(request, desk, Wish(asked.sheet, asked.ticket, asked.part), filled),
        **standing,
        **refused(refusal, texts),
    }
    response = render(request, "booking/clerk/page.html", context, refusal)
    response.headers["Cache-Control"] = "no-store"
    return response


def _names(desk: Desk, texts: Translator) -> dict[str, Any]:
    """What things are called, for rows that a script draws. Everybody's class needs no word."""
    return {
        "services": service_names(desk.hall, texts),
        "counters": {one.id: one.name for one in desk.hall.counters},
        "classes": dict(list(class_names(desk.hall, texts).items())[1:]),
    }


async def _desk(request: BookingRequest, staff: Staff, asked: PageQuery) -> Desk | None:
    """The counter that was asked for, or the clerk's own, or where they look after a ticket; None when they choose."""
    if asked.choose:
        return None
    if asked.ticket and asked.counter is None:
        return await desk_with(request, staff, await ticket_of_staff(staff, asked.ticket))
    counter = asked.counter or staff.counter()
    return await desk_at(request.state["directory"], staff, counter) if counter else None


async def _counters_page(request: BookingRequest, staff: Staff, asked: PageQuery) -> Response:
    """The counters to choose from; who looks for a ticket finds those of its hall, who has many halls chooses one."""
    ticket, texts = asked.ticket, translator_for(request)
    only = (await ticket_of_staff(staff, ticket)).hall if ticket else asked.hall
    mine = await halls_of(request, staff, Role.CLERK)
    many = len(mine) > FEW
    if many and not only:
        return await choose_hall(request, staff, mine, Asking(PAGE, CHOOSE, f"{_address(**CHOOSE)}&hall="))
    halls = [hall for hall in mine if only in {"", hall.id}]
    at = await clerks_at([hall.id for hall in halls])
    names = await names_of(at.values())
    counters = [
        {
            "name": counter.name,
            "hall": hall.names.in_language(texts.language),
            "address": _address(counter=counter.id, **({"ticket": ticket} if ticket else {})),
            "clerk": names.get(at[counter.id], at[counter.id]) if counter.id in at else None,
            "mine": at.get(counter.id) == staff.principal,
        }
        for hall in halls
        for counter in hall.counters
    ]
    others = _address(**CHOOSE) if many else ""
    context = {"counters": counters, "manages": staff.may(Role.MANAGER), "others": others}
    return render(request, "booking/clerk/counters.html", context | await on_shift_anywhere(request, staff))


def _address(**asked: str) -> str:
    return f"{PAGE}?{urlencode(asked)}"


routes: list[BaseRoute] = [
    Route(PAGE, show_clerk, methods=["GET"], name="clerk"),
    Route(PAGE, create_act, methods=["POST"]),
]

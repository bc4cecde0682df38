"""What was done in a hall, as its manager reads it: by day, sort, person and number; beyond halls, for headquarters."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Struct, structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.errors import DomainError
from o2o.kernel.forms import refused
from o2o.kernel.http import query
from o2o.kernel.i18n import Translator, _, translator_for
from o2o.kernel.pages import render
from staff.differing import differing
from staff.history import History, HistoryQuery, Recorded, beyond_halls, history
from staff.manage import HOME, frame, signed_in
from staff.service import require
from staff.shift import on_shift
from staff.state import StaffState
from staff.states import Role
from staff.telling import ENDINGS, KINDS, SORTS, who, why

TAB: Final = "audit"
BEYOND: Final = "/audit"
SHOWN: Final = 50
_TOLD: Final = {"session": frozenset({"kind", "why"}), "key": frozenset({"name"})}


class LookedFor(Struct, frozen=True, forbid_unknown_fields=True):
    """What the page's form asks for; what is left empty is not asked."""

    day: date | None = None
    sort: str = ""
    actor: str = ""
    ticket: str = ""
    cursor: str | None = None


class _Line(NamedTuple):
    """One thing that was done, as the page says it."""

    day: str
    time: str
    what: str
    subject: str
    who: str
    counter: str
    reason: str
    differs: list[tuple[str, str, str]]


@signed_in
async def show_audit(request: Request[StaffState]) -> Response:
    here = await frame(request, TAB)
    try:
        wish = query(request, LookedFor)
        found = await history(here.hall, _asked(ZoneInfo(here.hall.time_zone), wish), request.state["clock"]())
    except DomainError as refusal:
        return here.page("staff/audit.html", _context(here.texts, LookedFor()), refusal)
    counters = {counter.id: counter.name for counter in here.hall.counters}
    lines = await _lines(found, counters, here.texts)
    return here.page("staff/audit.html", _context(here.texts, wish, lines, _older(wish, found)))


@signed_in
async def show_beyond_halls(request: Request[StaffState]) -> Response:
    """What is no hall's, for headquarters, on the clock that most of their halls go by."""
    staff, texts, refusal = await require(request, Role.HQ), translator_for(request), None
    zone = ZoneInfo((await request.state["directory"].all()).usual_zone)
    try:
        wish = query(request, LookedFor)
        found = await beyond_halls(zone, _asked(zone, wish))
        context = _context(texts, wish, await _lines(found, {}, texts), _older(wish, found))
    except DomainError as error:
        refusal, context = error, _context(texts, LookedFor())
    told = refused(refusal, texts) | {"address": BEYOND, "home": HOME, "title": texts(_("Beyond halls"))}
    context |= told | on_shift(request, staff, zone.key)
    response = render(request, "staff/beyond.html", context, refusal)
    response.headers["Cache-Control"] = "no-store"
    return response


def _context(
    texts: Translator, wish: LookedFor, lines: Sequence[_Line] = (), older: str | None = None
) -> dict[str, Any]:
    return {
        "wish": wish,
        "day": wish.day.isoformat() if wish.day else "",
        "sorts": {sort: texts(text) for sort, text in SORTS.items()},
        "lines": lines,
        "older": older,
        "looked_for": any((wish.day, wish.sort, wish.actor, wish.ticket)),
    }


def _asked(zone: ZoneInfo, wish: LookedFor) -> HistoryQuery:
    """The whole day on a clock in `zone`, if one is named."""
    since = datetime.combine(wish.day, time(), zone) if wish.day else None
    return HistoryQuery(
        limit=SHOWN,
        cursor=wish.cursor,
        since=since,
        until=since + timedelta(days=1) if since and since.date() < date.max else None,
        name=wish.sort if wish.sort in SORTS else None,
        actor=wish.actor.strip() or None,
        ticket=wish.ticket.strip() or None,
    )


def _older(wish: LookedFor, found: History) -> str | None:
    """The address of the next page."""
    if found.next_cursor is None:
        return None
    fields = structs.asdict(structs.replace(wish, cursor=found.next_cursor))
    return "?" + urlencode({name: value for name, value in fields.items() if value})


async def _lines(found: History, counters: Mapping[str, str], texts: Translator) -> list[_Line]:
    names = await who((one.actor for one in found.events), texts)
    return [_line(one, names[one.actor], counters, texts) for one in found.events]


def _line(one: Recorded, actor: str, counters: Mapping[str, str], texts: Translator) -> _Line:
    day, moment = one.at[:10], one.at[11:19]
    return _Line(
        day=day,
        time=moment,
        what=texts(KINDS[one.name]) if one.name in KINDS else one.name,
        subject=one.number or _subject(one),
        who=actor,
        counter=counters.get(one.counter or "", ""),
        reason=why(one.reason, texts) if one.reason else _ending(one, texts),
        differs=_differs(one, texts),
    )


def _subject(one: Recorded) -> str:
    """People by their usernames, keys and screens by their names; a hall's own page needn't name the hall."""
    match one.name.partition(".")[0]:
        case "person" | "session":
            return one.subject or ""
        case "key" | "screen":
            return str({**(one.before or {}), **(one.after or {})}.get("name") or "")
        case _:
            return ""


def _ending(one: Recorded, texts: Translator) -> str:
    ending = str((one.after or {}).get("why", ""))
    return texts(ENDINGS[ending]) if ending in ENDINGS else ending


def _differs(one: Recorded, texts: Translator) -> list[tuple[str, str, str]]:
    """What was and what is since, where the line above does not say it already."""
    told = _TOLD.get(one.name.partition(".")[0], frozenset())
    before, after = (
        {name: value for name, value in (side or {}).items() if name not in told} for side in (one.before, one.after)
    )
    return list(differing(before, after, texts))


routes: list[BaseRoute] = [
    Route(HOME + "/{hall}/audit", show_audit, methods=["GET"], name="manage_audit"),
    Route(BEYOND, show_beyond_halls, methods=["GET"], name="audit"),
]

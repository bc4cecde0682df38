"""When a hall is open: the week, the national calendar, special days and closures, as the manager keeps them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from babel.dates import format_date
from msgspec.structs import replace
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.manage.sheets import (
    Filled,
    Sent,
    Sheet,
    act_of,
    change,
    filled_form,
    mark,
    sheets_page,
    shown_again,
    unless_changed,
)
from booking.manage.spans import spans_of, text_of
from booking.state import BookingRequest
from halls.schemas import Closure, HallInput, SpecialDay, Week
from halls.service import hall_document
from o2o.kernel.errors import DomainError
from o2o.kernel.http import convert
from o2o.kernel.i18n import LANGUAGES, Translator, _
from o2o.kernel.words import WEEKDAYS
from staff.manage import HOME, Frame, frame, signed_in

TAB: Final = "hours"
DAYS_AHEAD: Final = 14
KEPT: Final = timedelta(days=7)
"""Longer than a night of hours that began on a day gone by."""
OTHER_DAYS: Final = ("holiday", "workday")
CLOSED: Final = _("closed")


@signed_in
async def show_hours(request: BookingRequest) -> Response:
    return await _page(await frame(request, TAB))


async def change_hours(request: BookingRequest) -> Response:
    """The week's form, or a special day or closure that is added or taken away."""
    here, filled = await frame(request, TAB), await filled_form(request)
    part, edit = act_of(ACTS, filled)
    today = here.hall.business_day(here.request.state["clock"]())
    try:
        await change(here, part, filled, lambda before: _without_the_past(edit(before, filled), today))
    except DomainError as refusal:
        return await _page(here, Sent(filled, refusal))
    return here.done(at=part)


async def _page(here: Frame, sent: Sent | None = None) -> Response:
    document, texts = await hall_document(here.hall.id), here.texts
    today = here.hall.business_day(here.request.state["clock"]())
    sheets = [_week_sheet(document, texts), Sheet("new-day", _EMPTY_DAY), Sheet("new-closure", _EMPTY_CLOSURE)]
    week, day, closure = shown_again(sheets, sent, texts)
    context = {
        "weekdays": {name: texts(text) for name, text in WEEKDAYS.items()},
        "week": week,
        "day": day,
        "days": [_day_row(one, texts) for one in sorted(document.days, key=lambda one: one.day) if one.day >= today],
        "closure": closure,
        "closures": [_closure_row(one, texts) for one in sorted(document.closures, key=lambda one: one.start)],
        "coming": list(_coming(here, today)),
        "today": today.isoformat(),
    }
    return sheets_page(here, "booking/manage/hours.html", context, sent)


def _week_sheet(document: HallInput, texts: Translator) -> Sheet:
    always = isinstance(document.hours, str)
    week = Week() if isinstance(document.hours, str) else document.hours
    shown = {name: "" if always else text_of(spans) or texts(CLOSED) for name, spans in week.by_day().items()}
    given = {"holiday": week.holiday, "workday": week.workday}
    values = {
        "always": "always" if always else "week",
        "calendar": ["cn"] if document.calendar else [],
        **{name: shown[name] for name in WEEKDAYS},
        **{name: "" if given[name] is None else shown[name] for name in OTHER_DAYS},
    }
    return Sheet("week", values, mark((document.hours, document.calendar)))


_EMPTY_DAY: Final = {"date": "", "hours": "", "zh-CN": "", "en": ""}
_EMPTY_CLOSURE: Final = {"start": "", "end": "", "zh-CN": "", "en": ""}


def _coming(here: Frame, today: date) -> Iterator[dict[str, str]]:
    """The next days as people will find them; a day with a closure says so."""
    texts = here.texts
    for day in (today + timedelta(days=offset) for offset in range(DAYS_AHEAD)):
        plan = here.hall.day_plan(day)
        notes = [plan.reason.in_language(texts.language)] if plan.reason else []
        closures = [one for one in here.hall.closures if one.start[:10] <= day.isoformat() <= one.end[:10]]
        notes += [_closure_said(one, texts) for one in closures]
        yield {
            "day": _day(day, texts),
            "hours": text_of(plan.spans) or texts(CLOSED),
            "closed": "" if plan.spans else "yes",
            "notes": " · ".join(notes),
        }


def _day_row(special: SpecialDay, texts: Translator) -> dict[str, str]:
    return {
        "id": special.day.isoformat(),
        "day": _day(special.day, texts),
        "hours": text_of(special.hours) or texts(CLOSED),
        "reason": special.reason.in_language(texts.language) if special.reason else "",
    }


def _closure_said(closure: Closure, texts: Translator) -> str:
    when = texts(_("closed %(start)s to %(end)s"), start=_moment(closure.start, texts), end=_moment(closure.end, texts))
    return f"{when} ({closure.reason.in_language(texts.language)})" if closure.reason else when


def _closure_row(closure: Closure, texts: Translator) -> dict[str, str]:
    return {
        "id": f"{closure.start} {closure.end}",
        "start": _moment(closure.start, texts),
        "end": _moment(closure.end, texts),
        "reason": closure.reason.in_language(texts.language) if closure.reason else "",
    }


def _day(day: date, texts: Translator) -> str:
    return format_date(day, "EEE d MMM" if texts.language == "en" else "M月d日 EEE", locale=LANGUAGES[texts.language])


def _moment(wall: str, texts: Translator) -> str:
    return f"{_day(date.fromisoformat(wall[:10]), texts)} {wall[11:]}"


def _change_week(before: HallInput, filled: Filled) -> HallInput:
    after = replace(
        before,
        hours="always" if filled.text("always") == "always" else _week(filled),
        calendar="cn" if filled.all("calendar") else None,
    )
    unless_changed((before.hours, before.calendar), (after.hours, after.calendar), filled.text("seen"))
    return after


def _week(filled: Filled) -> Week:
    days = {name: spans_of(filled.text(name), field=name) for name in WEEKDAYS}
    others = {name: spans_of(filled.text(name), field=name) if filled.text(name) else None for name in OTHER_DAYS}
    return convert({**days, **others}, Week)


def _add_day(before: HallInput, filled: Filled) -> HallInput:
    """A day that is there already is replaced."""
    hours = spans_of(filled.text("hours"), field="hours")
    day = convert({**filled.present("date"), "hours": hours, "reason": filled.in_both()}, SpecialDay)
    return replace(before, days=(*(one for one in before.days if one.day != day.day), day))


def _remove_day(before: HallInput, filled: Filled) -> HallInput:
    return replace(before, days=tuple(one for one in before.days if one.day.isoformat() != filled.of))


def _add_closure(before: HallInput, filled: Filled) -> HallInput:
    closure = convert({**filled.present("start", "end"), "reason": filled.in_both()}, Closure)
    return replace(before, closures=(*(one for one in before.closures if one.start != closure.start), closure))


def _remove_closure(before: HallInput, filled: Filled) -> HallInput:
    return replace(before, closures=tuple(one for one in before.closures if f"{one.start} {one.end}" != filled.of))


def _without_the_past(after: HallInput, today: date) -> HallInput:
    """What is over goes, as nobody needs it any more; else there would be no room for more one day."""
    first = today - KEPT
    return replace(
        after,
        days=tuple(one for one in after.days if one.day >= first),
        closures=tuple(one for one in after.closures if date.fromisoformat(one.end[:10]) >= first),
    )


ACTS: Final[Mapping[str, tuple[str, Callable[[HallInput, Filled], HallInput]]]] = {
    "week": ("hours", _change_week),
    "add-day": ("days", _add_day),
    "remove-day": ("days", _remove_day),
    "add-closure": ("closures", _add_closure),
    "remove-closure": ("closures", _remove_closure),
}
"""What each button changes: the part of the document, and how."""

routes: list[BaseRoute] = [
    Route(HOME + "/{hall}/hours", show_hours, methods=["GET"], name="manage_hours"),
    Route(HOME + "/{hall}/hours", change_hours, methods=["POST"]),
]

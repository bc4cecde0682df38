"""A hall's counters, as its manager keeps them: names, the services that each one calls, open or closed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

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
    tried,
    unless_changed,
)
from booking.queries import counter_rows
from booking.state import BookingRequest
from halls.errors import HallChangedError
from halls.schemas import CounterInput, HallInput
from halls.service import hall_document
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import convert
from o2o.kernel.i18n import _
from staff.manage import HOME, Frame, frame, signed_in
from staff.queries import names_of

TAB: Final = "counters"
NEW: Final = "new-counter"
LONGEST_STEM: Final = 36  # An id has 40 characters at most, and a number comes behind.


@signed_in
async def show_counters(request: BookingRequest) -> Response:
    return await _page(await frame(request, TAB))


async def change_counters(request: BookingRequest) -> Response:
    """One counter's form, or one of its buttons."""
    here, filled = await frame(request, TAB), await filled_form(request)
    act = act_of(ACTS, filled)
    try:
        await act(here, filled)
    except DomainError as refusal:
        return await _page(here, Sent(filled, refusal))
    return here.done(at="" if filled.act == "remove" else _sheet_id(filled.of))


async def _page(here: Frame, sent: Sent | None = None) -> Response:
    document = await hall_document(here.hall.id)
    services = {service.id: service.names.in_language(here.texts.language) for service in here.hall.services}
    sheets = [_sheet(counter, list(services)) for counter in document.counters]
    *shown, added = shown_again([*sheets, _blank(document, list(services))], sent, here.texts)
    context = {
        "counters": list(zip(await _rows(here, document, services), shown, strict=True)),
        "added": added,
        "new_id": _free_id(here.hall.id, document),
        "service_names": services,
    }
    return sheets_page(here, "booking/manage/counters.html", context, sent)


async def _rows(here: Frame, document: HallInput, services: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each counter as the page says it, with who is at it now."""
    clerks = {row.id: row.clerk or "" for row in await counter_rows(here.hall.id) if row.open}
    names = await names_of(clerks.values())
    return [
        {
            "id": counter.id,
            "title": here.texts(_("Counter %(counter)s"), counter=counter.name),
            "open": counter.id in clerks,
            "clerk": names.get(clerks.get(counter.id, ""), ""),
            "services": _said(here, counter, services),
        }
        for counter in document.counters
    ]


def _said(here: Frame, counter: CounterInput, services: Mapping[str, str]) -> str:
    if counter.services is None:
        return here.texts(_("All services"))
    return " · ".join(name for service, name in services.items() if service in counter.services)


def _sheet(counter: CounterInput, services: list[str]) -> Sheet:
    served = services if counter.services is None else list(counter.services)
    return Sheet(_sheet_id(counter.id), {"name": counter.name, "services": served}, mark(counter))


def _blank(document: HallInput, services: list[str]) -> Sheet:
    """The form of a new counter, with the number that comes next."""
    numbers = [int(counter.name) for counter in document.counters if counter.name.isdecimal()]
    return Sheet(NEW, {"name": str(max(numbers, default=0) + 1), "services": services})


def _sheet_id(counter_id: str) -> str:
    return f"counter-{counter_id}"


def _free_id(hall_id: str, document: HallInput) -> str:
    taken, number = {counter.id for counter in document.counters}, 1
    while (wish := f"{hall_id[:LONGEST_STEM].rstrip('-')}-{number}") in taken:
        number += 1
    return wish


async def _save(here: Frame, filled: Filled) -> None:
    def edit(before: HallInput) -> HallInput:
        counter = _counter(before, filled.of)
        if counter is None:
            raise HallChangedError
        after = unless_changed(counter, _given(before, filled), filled.text("seen"))
        return replace(before, counters=tuple(after if one is counter else one for one in before.counters))

    await change(here, TAB, filled, edit)


async def _add(here: Frame, filled: Filled) -> None:
    def edit(before: HallInput) -> HallInput:
        there, given = _counter(before, filled.of), _given(before, filled)
        if there is not None and there != given:
            raise HallChangedError
        return before if there else replace(before, counters=(*before.counters, given))

    await change(here, TAB, filled, edit)


async def _remove(here: Frame, filled: Filled) -> None:
    def edit(before: HallInput) -> HallInput:
        return replace(before, counters=tuple(one for one in before.counters if one.id != filled.of))

    await change(here, TAB, filled, edit)


async def _close(here: Frame, filled: Filled) -> None:
    if here.hall.counter(filled.of) is None:
        raise HallChangedError
    await here.request.state["calling"].close_counter(filled.of, tried(here, filled), anywhere=True)


def _counter(document: HallInput, counter_id: str) -> CounterInput | None:
    return next((one for one in document.counters if one.id == counter_id), None)


def _given(before: HallInput, filled: Filled) -> CounterInput:
    """The counter as the form has it; one that serves everything also serves what comes later."""
    chosen = [service.id for service in before.services if service.id in filled.all("services")]
    if not chosen:
        raise InvalidError(_("Choose at least one service."), field="services")
    served = None if len(chosen) == len(before.services) else chosen
    return convert({"id": filled.of, **filled.present("name"), "services": served}, CounterInput)


ACTS: Final[Mapping[str, Callable[[Frame, Filled], Awaitable[None]]]] = {
    "save": _save,
    "add": _add,
    "remove": _remove,
    "close": _close,
}

routes: list[BaseRoute] = [
    Route(HOME + "/{hall}/counters", show_counters, methods=["GET"], name="manage_counters"),
    Route(HOME + "/{hall}/counters", change_counters, methods=["POST"]),
]

"""What a hall decides about its line: how many people, who goes first, how long is late, how displays speak."""

from typing import Final

from msgspec.structs import replace
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.manage.sheets import (
    Filled,
    Sent,
    Sheet,
    change,
    filled_form,
    mark,
    sheets_page,
    shown_again,
    unless_changed,
)
from booking.state import BookingRequest
from halls.schemas import HallInput, Rules
from halls.service import hall_document
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import convert
from o2o.kernel.i18n import _
from staff.manage import HOME, Frame, frame, signed_in

TAB: Final = "rules"
NUMBERS: Final = (
    "late_minutes",
    "priority_calls",
    "longest_wait_minutes",
    "put_back_minutes",
    "requeue_places",
    "pickup_hours",
)
MOST_PEOPLE: Final = 100_000


@signed_in
async def show_rules(request: BookingRequest) -> Response:
    return await _page(await frame(request, TAB))


async def change_rules(request: BookingRequest) -> Response:
    here, filled = await frame(request, TAB), await filled_form(request)
    try:
        await change(here, TAB, filled, lambda before: _changed(before, filled))
    except DomainError as refusal:
        return await _page(here, Sent(filled, refusal))
    return here.done()


async def _page(here: Frame, sent: Sent | None = None) -> Response:
    (rules,) = shown_again([_sheet(await hall_document(here.hall.id))], sent, here.texts)
    return sheets_page(here, "booking/manage/rules.html", {"rules": rules}, sent)


def _sheet(document: HallInput) -> Sheet:
    rules, speech = document.rules, document.rules.speech
    values = {
        "capacity": "" if document.capacity is None else str(document.capacity),
        **{name: str(getattr(rules, name)) for name in NUMBERS},
        "classes": ", ".join(rules.classes),
        "languages": list(speech.languages),
        "times": str(speech.times),
        "rate": f"{speech.rate:g}",
        "one": speech.one,
    }
    return Sheet("rules", values, mark((document.capacity, rules)))


def _changed(before: HallInput, filled: Filled) -> HallInput:
    speech = {"languages": filled.all("languages"), **filled.present("times", "rate", "one")}
    given = {"classes": filled.text("classes").replace("，", ",").replace(",", " ").split(), "speech": speech}
    rules = convert({**filled.present(*NUMBERS), **given}, Rules)
    after = replace(before, capacity=_capacity(filled.text("capacity")), rules=rules)
    unless_changed((before.capacity, before.rules), (after.capacity, after.rules), filled.text("seen"))
    return after


def _capacity(typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > len(str(MOST_PEOPLE)) or int(typed) > MOST_PEOPLE:
        raise InvalidError(_("A number of people, or nothing for no limit."), field="capacity")
    return int(typed)


routes: list[BaseRoute] = [
    Route(HOME + "/{hall}/rules", show_rules, methods=["GET"], name="manage_rules"),
    Route(HOME + "/{hall}/rules", change_rules, methods=["POST"]),
]

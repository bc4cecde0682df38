"""The tab of hours, and hours as people type them."""

from datetime import date, timedelta

import pytest
from httpx2 import AsyncClient
from msgspec.structs import replace

from booking.manage.spans import spans_of, text_of
from halls.hall import Hall
from halls.schemas import SpecialDay
from halls.service import Directory, hall_document, put_hall
from o2o.kernel.errors import InvalidError
from tests.booking.manage.browser import fill, form_on, send
from tests.serving import START, Service

pytestmark = pytest.mark.once

TAB = "/manage/heping/hours"


async def hall() -> Hall:
    return await Directory().get("heping")


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("09:00–12:00, 13:00–17:30", [["09:00", "12:00"], ["13:00", "17:30"]]),
        ("9-12 13-17:30", [["09:00", "12:00"], ["13:00", "17:30"]]),
        ("9：00 至 12：00；13.30到18", [["09:00", "12:00"], ["13:30", "18:00"]]),
        ("22:00 to 02:00", [["22:00", "02:00"]]),
        (" Closed ", []),
        ("休息", []),
        ("", []),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, spans: list[list[str]]) -> None:
    assert spans_of(typed, field="mon") == spans


@pytest.mark.parametrize("typed", ["nine to five", "09:00", "9-12 and later", "9:5-12"])
def test_what_can_t_be_read_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        spans_of(typed, field="mon")

    assert refusal.value.details["field"] == "mon"


def test_hours_are_written_so_that_they_can_be_read() -> None:
    spans = (("09:00", "12:00"), ("13:00", "24:00"))

    assert spans_of(text_of(spans), field="mon") == [list(span) for span in spans]


async def test_the_week_is_saved_with_the_calendar(manager: AsyncClient) -> None:
    days = {"mon": "9-12, 13-17:30", "sat": "closed", "holiday": "10-12", "calendar": ["cn"]}
    answer = await fill(manager, TAB, "week", always="week", **days)

    assert answer.headers["location"] == f"{TAB}?done=saved#hours"
    saved = await hall()
    assert not isinstance(saved.hours, str)
    assert saved.hours.mon == (("09:00", "12:00"), ("13:00", "17:30"))
    assert (saved.hours.sat, saved.hours.holiday, saved.hours.workday) == ((), (("10:00", "12:00"),), None)
    assert saved.calendar == "cn"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nonsense", "Write hours like 09:00–12:00"),
        ("25-26", "This doesn&#39;t fit here."),
        ("9-12, 11-13", "These hours begin before the ones before them end."),
    ],
)
async def test_a_fault_of_a_day_stands_at_the_day(typed: str, said: str, manager: AsyncClient) -> None:
    answer = await fill(manager, TAB, "week", always="week", tue=typed)

    assert answer.status_code == 400
    assert 'id="week-tue-fault"' in answer.text
    assert said in answer.text
    assert (await hall()).hours == "always"


async def test_a_special_day_is_added_replaced_and_taken_away(manager: AsyncClient) -> None:
    await fill(manager, TAB, "add-day", date="2026-12-31", hours="9-12", en="New Year's Eve")
    await fill(manager, TAB, "add-day", date="2026-12-31")
    (special,) = (await hall()).days
    assert (special.day, special.hours, special.reason) == (date(2026, 12, 31), (), None)

    await fill(manager, TAB, "remove-day", "2026-12-31")
    assert (await hall()).days == ()


async def test_a_reason_in_one_language_stands_for_both(manager: AsyncClient) -> None:
    await fill(manager, TAB, "add-closure", start="2026-12-01T12:00", end="2026-12-02T08:00", zh_CN="装修")

    (closure,) = (await hall()).closures
    assert closure.reason is not None
    assert (closure.reason.zh, closure.reason.en) == ("装修", "装修")


async def test_a_closure_that_ends_too_early_is_refused_with_what_was_typed(manager: AsyncClient) -> None:
    answer = await fill(manager, TAB, "add-closure", start="2026-12-01T12:00", end="2026-12-01T08:00")

    assert answer.status_code == 400
    assert 'id="new-closure-end-fault"' in answer.text
    assert 'value="2026-12-01T12:00"' in answer.text


async def test_a_closure_is_taken_away(manager: AsyncClient) -> None:
    await fill(manager, TAB, "add-closure", start="2026-12-01T12:00", end="2026-12-02T08:00")
    await fill(manager, TAB, "remove-closure")

    assert (await hall()).closures == ()


async def test_days_and_closures_long_gone_by_go_with_the_next_that_is_added(
    service: Service, manager: AsyncClient
) -> None:
    await fill(manager, TAB, "add-day", date="2026-11-24")
    await fill(manager, TAB, "add-closure", start="2026-11-24T12:00", end="2026-11-24T13:00")
    service.clock.advance(days=14)
    manager = await service.browser("manager")
    await fill(manager, TAB, "add-day", date="2026-12-31")

    assert [one.day for one in (await hall()).days] == [date(2026, 12, 31)]
    assert (await hall()).closures == ()


async def test_one_day_more_than_a_hall_may_have_is_refused_and_the_hall_stays_readable(
    service: Service, manager: AsyncClient
) -> None:
    days = tuple(SpecialDay(day=date(2027, 1, 1) + timedelta(days=n)) for n in range(400))
    await put_hall(Directory(), "heping", replace(await hall_document("heping"), days=days), now=START, actor="o2o")

    answer = await fill(manager, TAB, "add-day", date="2026-12-31")

    assert answer.status_code == 400
    assert "at most 400" in answer.text
    assert len((await hall()).days) == 400


async def test_what_comes_is_shown_with_its_reasons(manager: AsyncClient) -> None:
    await fill(manager, TAB, "add-day", date="2026-11-25", en="Stocktaking")
    await fill(manager, TAB, "add-closure", start="2026-11-26T12:00", end="2026-11-26T13:00", en="Training")
    page = (await manager.get(TAB)).text

    assert "Stocktaking" in page
    assert "closed Thu 26 Nov 12:00 to Thu 26 Nov 13:00 (Training)" in page


async def test_two_managers_at_one_week_are_told_and_another_part_is_no_conflict(
    service: Service, manager: AsyncClient
) -> None:
    form = await form_on(manager, TAB, "week")
    other = await service.browser("hq")
    await fill(other, TAB, "add-day", date="2026-12-31")
    assert (await send(manager, TAB, form, always="week", mon="9-17")).status_code == 303

    assert (await send(other, TAB, form, always="week", mon="8-12")).status_code == 403
    theirs = await form_on(other, TAB, "week")
    await fill(manager, TAB, "week", mon="10-17")
    refused = await send(other, TAB, theirs, mon="8-12")
    assert refused.status_code == 409
    assert "Now: 10:00–17:00" in refused.text

"""What holidays, special days and closures do to a hall's hours, day by day."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from halls.schemas import Names
from tests.halls.documents import hall, week

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = {day: [("09:00", "17:30")] for day in ("mon", "tue", "wed", "thu", "fri")}
WEEKENDS_TOO = OFFICE | {"sat": [("09:30", "16:00")], "sun": [("10:00", "15:00")]}
WORKS = {"zh-CN": "管道维修", "en": "repairs"}
NATIONAL_DAY = Names(zh="国庆节", en="National Day")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def open_hours(now: str, **changes: Any) -> list[str]:
    """The hours that begin on that day, as a closed hall and then an open one says them."""
    shop = hall(**changes)
    opens = shop.opens_at(local(f"{now}T00:00"))
    closes = shop.closes_at(opens) if opens else None
    return [f"{m.astimezone(SHANGHAI):%m-%d %H:%M}" if m else "never" for m in (opens, closes)]


def test_a_holiday_has_sundays_hours() -> None:
    assert open_hours("2026-10-01", hours=WEEKENDS_TOO, calendar="cn") == ["10-01 10:00", "10-01 15:00"]


def test_a_hall_may_have_hours_for_holidays() -> None:
    hours = WEEKENDS_TOO | {"holiday": [("11:00", "12:00")]}

    assert open_hours("2026-10-01", hours=hours, calendar="cn") == ["10-01 11:00", "10-01 12:00"]


def test_a_saturday_that_is_worked_for_a_holiday_has_mondays_hours() -> None:
    assert open_hours("2026-10-10", hours=OFFICE, calendar="cn") == ["10-10 09:00", "10-10 17:30"]


def test_a_hall_may_have_hours_for_weekend_days_that_are_worked() -> None:
    hours = OFFICE | {"workday": [("08:00", "12:00")]}

    assert open_hours("2026-10-10", hours=hours, calendar="cn") == ["10-10 08:00", "10-10 12:00"]


def test_without_a_calendar_every_day_is_its_weekday() -> None:
    assert open_hours("2026-10-01", hours=OFFICE) == ["10-01 09:00", "10-01 17:30"]
    assert open_hours("2026-10-10", hours=OFFICE) == ["10-12 09:00", "10-12 17:30"]


def test_the_halls_own_day_wins_over_the_calendar() -> None:
    days = [{"date": "2026-10-01", "hours": [("12:00", "13:00")]}, {"date": "2026-10-10"}]

    assert open_hours("2026-10-01", hours=OFFICE, calendar="cn", days=days) == ["10-01 12:00", "10-01 13:00"]
    assert open_hours("2026-10-10", hours=OFFICE, calendar="cn", days=days) == ["10-12 09:00", "10-12 17:30"]


def test_a_hall_that_never_closes_may_still_have_days_of_its_own() -> None:
    always = hall(days=[{"date": "2026-02-17", "hours": []}])

    assert always.closes_at(local("2026-02-16T20:00")) == local("2026-02-17T00:00")
    assert always.opens_at(local("2026-02-17T12:00")) == local("2026-02-18T00:00")


def test_a_night_that_began_before_the_holiday_is_finished() -> None:
    nightly = hall(hours=week(("22:00", "02:00")) | {"holiday": []}, calendar="cn")

    assert nightly.is_open(local("2026-10-01T01:30"))
    assert not nightly.is_open(local("2026-10-01T22:30"))


def test_a_closure_ends_the_day_early_and_delays_the_next_opening() -> None:
    shop = hall(hours=OFFICE, closures=[{"start": "2026-12-01T12:00", "end": "2026-12-02T10:00", "reason": WORKS}])

    assert shop.closes_at(local("2026-12-01T11:00")) == local("2026-12-01T12:00")
    assert shop.opens_at(local("2026-12-01T12:00")) == local("2026-12-02T10:00")


def test_a_closure_of_minutes_leaves_both_ends_of_the_day() -> None:
    shop = hall(closures=[{"start": "2026-12-01T12:00", "end": "2026-12-01T12:20", "reason": WORKS}])

    assert shop.closes_at(local("2026-12-01T11:00")) == local("2026-12-01T12:00")
    assert shop.opens_at(local("2026-12-01T12:05")) == local("2026-12-01T12:20")


def test_a_hall_that_is_rebuilt_for_months_says_when_it_opens() -> None:
    shop = hall(hours=OFFICE, closures=[{"start": "2026-12-01T00:00", "end": "2027-06-01T00:00", "reason": WORKS}])

    assert shop.opens_at(local("2026-12-24T12:00")) == local("2027-06-01T09:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-09-30T20:00", NATIONAL_DAY),  # The evening before: why it does not open in the morning.
        ("2026-10-03T12:00", NATIONAL_DAY),
        ("2026-10-07T23:00", NATIONAL_DAY),
        ("2026-10-08T08:00", None),
        ("2026-10-08T12:00", None),
        ("2026-10-09T20:00", None),  # The worked Saturday is no reason to be closed.
        ("2026-10-10T20:00", None),
    ],
)
def test_a_hall_that_rests_on_a_holiday_says_which(now: str, expected: Names | None) -> None:
    assert hall(hours=OFFICE, calendar="cn").closed_for(local(now)) == expected


def test_a_hall_that_opens_on_a_holiday_has_no_reason_to_give() -> None:
    assert hall(hours=WEEKENDS_TOO, calendar="cn").closed_for(local("2026-10-01T20:00")) is None


def test_a_day_that_ends_early_says_why_once_it_has_ended() -> None:
    eve = {"date": "2026-12-24", "hours": [("09:00", "12:00")], "reason": {"zh-CN": "平安夜", "en": "Christmas Eve"}}
    shop = hall(hours=OFFICE, days=[eve])

    assert shop.closed_for(local("2026-12-24T08:00")) is None
    assert shop.closed_for(local("2026-12-24T12:00")) == Names(zh="平安夜", en="Christmas Eve")
    assert shop.closed_for(local("2026-12-25T00:00")) is None


def test_the_first_of_several_reasons_is_said_until_it_is_over() -> None:
    painting = {"start": "2026-10-08T00:00", "end": "2026-10-10T00:00", "reason": WORKS}
    shop = hall(hours=OFFICE, calendar="cn", closures=[painting])

    assert shop.closed_for(local("2026-10-07T23:59")) == NATIONAL_DAY
    assert shop.closed_for(local("2026-10-08T00:00")) == Names(zh="管道维修", en="repairs")
    assert shop.opens_at(local("2026-10-05T12:00")) == local("2026-10-10T09:00")


def test_a_year_that_the_calendar_does_not_know_follows_the_weekdays() -> None:
    assert open_hours("2031-10-01", hours=OFFICE, calendar="cn") == ["10-01 09:00", "10-01 17:30"]

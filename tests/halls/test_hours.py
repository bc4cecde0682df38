from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.halls.documents import hall, week


def local(text: str, zone: str = "Asia/Shanghai", *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00:00", True),
        ("2026-11-23T17:29:59", True),
        ("2026-11-23T17:30:00", False),
        ("2026-11-22T10:00:00", False),
    ],
)
def test_a_hall_is_open_from_its_opening_until_just_before_its_closing(now: str, expected: bool) -> None:
    monday_only = {"mon": [("09:00", "17:30")]}

    assert hall(hours=monday_only).is_open(local(now)) is expected


def test_the_hours_are_those_of_the_halls_own_zone() -> None:
    now = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)

    assert hall(hours=week(("09:00", "17:30")), time_zone="Asia/Shanghai").is_open(now)
    assert not hall(hours=week(("09:00", "17:30")), time_zone="Europe/London").is_open(now)


def test_a_hall_that_is_open_round_the_clock_neither_opens_nor_closes() -> None:
    always = hall(hours="always")

    assert always.is_open(local("2026-11-23T03:00:00"))
    assert always.opens_at(local("2026-11-23T03:00:00")) is None
    assert always.closes_at(local("2026-11-23T03:00:00")) is None


def test_whole_days_all_week_long_never_close() -> None:
    whole_days = hall(hours=week(("00:00", "24:00")))

    assert whole_days.is_open(local("2026-11-23T00:00:00"))
    assert whole_days.closes_at(local("2026-11-23T12:00:00")) is None


def test_a_hall_without_hours_never_opens() -> None:
    closed = hall(hours={})

    assert not closed.is_open(local("2026-11-23T12:00:00"))
    assert closed.opens_at(local("2026-11-23T12:00:00")) is None


def test_a_closed_hall_says_when_it_opens_after_the_days_it_rests() -> None:
    weekdays = {day: [("09:00", "12:00"), ("13:00", "17:30")] for day in ("mon", "tue", "wed", "thu", "fri")}
    friday_night = local("2026-11-27T20:00:00")

    assert hall(hours=weekdays).opens_at(friday_night) == local("2026-11-30T09:00:00")
    assert hall(hours=weekdays).closes_at(friday_night) is None


def test_an_open_hall_says_when_it_closes_for_its_break() -> None:
    halves = hall(hours=week(("09:00", "12:00"), ("13:00", "17:30")))

    assert halves.closes_at(local("2026-11-23T11:00:00")) == local("2026-11-23T12:00:00")
    assert halves.opens_at(local("2026-11-23T11:00:00")) is None
    assert halves.opens_at(local("2026-11-23T12:30:00")) == local("2026-11-23T13:00:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-27T21:59:00", False),
        ("2026-11-27T23:00:00", True),
        ("2026-11-28T00:00:00", True),
        ("2026-11-28T01:59:00", True),
        ("2026-11-28T02:00:00", False),
        ("2026-11-28T23:00:00", False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_they_began_on(now: str, expected: bool) -> None:
    friday_night = {"fri": [("22:00", "02:00")]}

    assert hall(hours=friday_night).is_open(local(now)) is expected


def test_hours_that_touch_at_midnight_are_one_stretch() -> None:
    split = {"fri": [("22:00", "24:00")], "sat": [("00:00", "02:00")]}

    assert hall(hours=split).closes_at(local("2026-11-27T23:00:00")) == local("2026-11-28T02:00:00")


@pytest.mark.parametrize(
    ("zone", "night", "hours_open"),
    [
        ("Europe/Berlin", "2026-03-28T22:00:00", 5),
        ("Europe/Berlin", "2026-10-24T22:00:00", 7),
        ("America/New_York", "2026-03-07T22:00:00", 5),
        ("America/New_York", "2026-10-31T22:00:00", 7),
        ("Australia/Lord_Howe", "2026-04-04T22:00:00", 6.5),
        ("Asia/Shanghai", "2026-03-28T22:00:00", 6),
    ],
)
def test_a_night_is_as_long_as_the_clocks_make_it(zone: str, night: str, hours_open: float) -> None:
    nightly = hall(hours=week(("22:00", "04:00")), time_zone=zone)
    opening = local(night, zone).astimezone(UTC)

    assert nightly.closes_at(opening) == opening + timedelta(hours=hours_open)


def test_hours_that_the_clocks_skip_are_no_hours() -> None:
    skipped = hall(hours={"sun": [("02:30", "03:00")]}, time_zone="Europe/Berlin")

    assert not skipped.is_open(local("2026-03-29T03:00:00", "Europe/Berlin"))
    assert not skipped.is_open(local("2026-03-29T03:29:00", "Europe/Berlin"))


@pytest.mark.parametrize(
    ("zone", "utc", "day"),
    [
        ("Asia/Shanghai", "2026-11-22T15:59:59", date(2026, 11, 22)),
        ("Asia/Shanghai", "2026-11-22T16:00:00", date(2026, 11, 23)),
        ("America/New_York", "2026-03-08T04:59:59", date(2026, 3, 7)),
        ("America/New_York", "2026-03-09T03:59:59", date(2026, 3, 8)),
        ("America/New_York", "2026-03-09T04:00:00", date(2026, 3, 9)),
        ("Pacific/Kiritimati", "2026-11-22T10:00:00", date(2026, 11, 23)),
        ("Pacific/Pago_Pago", "2026-11-22T10:59:59", date(2026, 11, 21)),
    ],
)
def test_a_business_day_is_the_date_in_the_halls_zone(zone: str, utc: str, day: date) -> None:
    assert hall(time_zone=zone).business_day(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == day


def test_a_day_that_starts_at_four_keeps_the_night_before() -> None:
    late = hall(day_starts="04:00")

    assert late.business_day(local("2026-11-23T03:59:59")) == date(2026, 11, 22)
    assert late.business_day(local("2026-11-23T04:00:00")) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("zone", "first", "day_starts"),
    [
        ("Europe/Berlin", "2026-10-23", "02:30"),  # The start comes twice.
        ("Europe/Berlin", "2026-03-27", "02:30"),  # The start is skipped.
        ("Africa/Cairo", "2026-10-28", "00:00"),  # 24:00 turns back to 23:00.
        ("Africa/Cairo", "2026-04-22", "00:00"),  # Midnight is skipped.
        ("America/St_Johns", "2006-10-27", "00:00"),  # 00:01 turns back to the day before.
        ("Pacific/Apia", "2011-12-28", "04:00"),  # A whole date is skipped.
    ],
)
def test_a_business_day_never_steps_back_while_the_clocks_do(zone: str, first: str, day_starts: str) -> None:
    shop = hall(time_zone=zone, day_starts=day_starts)
    start = datetime.fromisoformat(first).replace(tzinfo=UTC)

    days = [shop.business_day(start + timedelta(minutes=minute)) for minute in range(4 * 24 * 60)]

    assert days == sorted(days)
    assert 4 <= len(set(days)) <= 5


def test_business_days_of_a_repeated_start_begin_at_the_first() -> None:
    shop = hall(time_zone="Europe/Berlin", day_starts="02:30")

    assert shop.business_day(local("2026-10-25T02:40:00", "Europe/Berlin")) == date(2026, 10, 25)
    assert shop.business_day(local("2026-10-25T02:10:00", "Europe/Berlin", fold=1)) == date(2026, 10, 25)

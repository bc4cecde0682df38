"""Opening hours against an oracle that walks through time five minutes at a time and knows no stretches."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import chinese_calendar
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from halls.hall import LONG_OPEN, Hall
from halls.hours import ONE_DAY, WEEKDAYS
from tests.halls.documents import hall

STEP: Final = timedelta(minutes=5)
DAYS: Final = 12
ZONES: Final = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Apia",
)
FIRST_DAYS: Final = (
    date(2026, 9, 28),  # Before the National Day, which is followed by a worked Saturday.
    date(2026, 2, 11),  # Before the Spring Festival, with worked Saturdays on both sides.
    date(2026, 12, 27),  # Into a year that the calendar may not know.
    date(2026, 3, 26),  # Europe's spring.
    date(2026, 10, 22),  # Europe's and Egypt's autumn.
    date(2026, 4, 2),  # Chile's and Lord Howe's autumn.
    date(2026, 9, 4),  # Chile's spring.
    date(2011, 12, 28),  # Samoa skipped the 30th.
)


def wall(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def spans(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Hours of one day, in order; the last may pass midnight."""
    cuts = sorted(draw(st.sets(st.integers(0, 287), min_size=0, max_size=4)))
    pairs = [(wall(5 * a), wall(5 * b)) for a, b in zip(cuts[0::2], cuts[1::2], strict=False)]
    if cuts and len(cuts) % 2:
        pairs.append((wall(5 * cuts[-1]), draw(st.sampled_from(["24:00", "00:30", "02:00", wall(5 * cuts[0])]))))
    return [span for span in pairs if span[0] != span[1]]


@st.composite
def halls(draw: st.DrawFn) -> tuple[Hall, datetime]:
    """A hall, and the moment from which time is walked through."""
    first = draw(st.sampled_from(FIRST_DAYS))
    days = [first + timedelta(days=n) for n in range(-2, DAYS)]
    special = draw(st.dictionaries(st.sampled_from(days), spans(), max_size=3))
    bounds = st.tuples(st.sampled_from(days), st.integers(0, 287))
    moments = draw(st.lists(st.tuples(bounds, bounds), max_size=3))
    changes: dict[str, Any] = {
        "hours": draw(st.one_of(st.just("always"), st.fixed_dictionaries({day: spans() for day in WEEKDAYS}))),
        "calendar": draw(st.sampled_from(["cn", None])),
        "days": [{"date": day.isoformat(), "hours": hours} for day, hours in special.items()],
        "closures": [
            {"start": f"{a[0]}T{wall(5 * a[1])}", "end": f"{b[0]}T{wall(5 * b[1])}"}
            for a, b in map(sorted, moments)
            if a != b
        ],
        "time_zone": draw(st.sampled_from(ZONES)),
    }
    if changes["hours"] != "always":
        changes["hours"] |= {name: draw(spans()) for name in draw(st.sets(st.sampled_from(["holiday", "workday"])))}
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return hall(**changes), start + draw(st.integers(0, 287)) * STEP


def moment(day: date, text: str, zone: ZoneInfo) -> datetime:
    wall_clock = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(
        hours=int(text[:2]), minutes=int(text[3:])
    )
    return wall_clock.astimezone(UTC)


def hours_of(shop: Hall, day: date) -> Any:
    for special in shop.days:
        if special.day == day:
            return special.hours
    if isinstance(shop.hours, str):
        return [("00:00", "24:00")]
    known = shop.calendar and day.year <= max(chinese_calendar.holidays).year
    if known and day in chinese_calendar.workdays:
        return shop.hours.mon if shop.hours.workday is None else shop.hours.workday
    if known and day in chinese_calendar.holidays:
        return shop.hours.sun if shop.hours.holiday is None else shop.hours.holiday
    return getattr(shop.hours, WEEKDAYS[day.weekday()])


def open_moments(shop: Hall, start: datetime) -> set[datetime]:
    """Every step of the walk at which it is open."""
    zone = ZoneInfo(shop.time_zone)
    ranges = []
    for offset in range(-3, DAYS + 3):
        day = start.date() + timedelta(days=offset)
        for begins, ends in hours_of(shop, day):
            last = day + ONE_DAY if ends <= begins else day
            ranges.append((moment(day, begins, zone), moment(last, ends, zone)))
    closed = [(at(closure.start, zone), at(closure.end, zone)) for closure in shop.closures]
    moments = (start + n * STEP for n in range(DAYS * ONE_DAY // STEP))
    return {now for now in moments if any(a <= now < b for a, b in ranges) and not any(a <= now < b for a, b in closed)}


def at(wall_clock: str, zone: ZoneInfo) -> datetime:
    return moment(date.fromisoformat(wall_clock[:10]), wall_clock[11:], zone)


@settings(deadline=None, max_examples=60)
@given(halls())
def test_hours_are_what_somebody_sees_who_tries_the_door_all_the_time(drawn: tuple[Hall, datetime]) -> None:
    shop, start = drawn
    walk = [start + n * STEP for n in range(DAYS * ONE_DAY // STEP)]
    is_open = open_moments(shop, start)
    changes = [now for now in walk[1:] if (now in is_open) != (now - STEP in is_open)]
    for now in walk:
        assert shop.is_open(now) is (now in is_open)
        change = next((moment for moment in changes if now < moment <= now + LONG_OPEN), None)
        if change or now + LONG_OPEN <= walk[-1]:
            assert shop.closes_at(now) == (change if now in is_open else None)
        if change:
            assert shop.opens_at(now) == (None if now in is_open else change)


@settings(deadline=None, max_examples=60)
@given(halls(), st.lists(st.integers(0, DAYS * ONE_DAY // STEP), min_size=2, max_size=20))
def test_what_was_asked_before_changes_no_answer(drawn: tuple[Hall, datetime], steps: list[int]) -> None:
    shop, start = drawn
    for step in steps:
        now, fresh = start + step * STEP, msgspec.structs.replace(shop)
        assert shop.is_open(now) is fresh.is_open(now)
        assert shop.opens_at(now) == fresh.opens_at(now)
        assert shop.closes_at(now) == fresh.closes_at(now)
        assert shop.closed_for(now) == fresh.closed_for(now)

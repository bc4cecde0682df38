"""When a hall is open, and which business day it is: pure functions in the hall's own time zone.

Wall times become instants before anything is compared, so that a day of 23 or 25 hours needs no care from callers.
A wall time that the clocks skip is read as if they had not; one that they repeat is the first of the two.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[str, str]
Instants = tuple[datetime, datetime]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ONE_DAY = timedelta(days=1)


def minutes_of(wall_time: str) -> int:
    """Minutes since midnight of "HH:MM"; "24:00" is 1440."""
    return int(wall_time[:2]) * 60 + int(wall_time[3:])


def ends_next_day(span: Span) -> bool:
    return minutes_of(span[1]) <= minutes_of(span[0])


def business_day(now: datetime, *, time_zone: str, day_starts: str) -> date:
    """The last day whose start is not after `now`: it never steps back, also while the clocks do."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    # A zone can skip a date or show one twice when it crosses the date line or turns back at midnight.
    days = (today + timedelta(days=offset) for offset in (1, 0, -1, -2))
    return next(day for day in days if _instant(day, minutes_of(day_starts), zone) <= now)


def opening(week: Mapping[str, Iterable[Span]], now: datetime, *, time_zone: str) -> Instants | None:
    """The stretch of open hours that holds `now` or else comes next; None when none does within eight days.

    Spans that touch or overlap (22:00 to 24:00 and the next day's 00:00 to 02:00) are one stretch.
    """
    hours = tuple(tuple(week[day]) for day in WEEKDAYS)
    stretches = _stretches(hours, time_zone, now.astimezone(ZoneInfo(time_zone)).date())
    return next(((start, end) for start, end in stretches if now < end), None)


@lru_cache(maxsize=4096)
def _stretches(hours: tuple[tuple[Span, ...], ...], time_zone: str, today: date) -> tuple[Instants, ...]:
    """The merged open stretches from yesterday to eight days on; remembered, since each arrival asks."""
    spans = sorted(_spans(hours, ZoneInfo(time_zone), today))
    merged: list[Instants] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _spans(hours: tuple[tuple[Span, ...], ...], zone: ZoneInfo, today: date) -> Iterator[Instants]:
    for day in (today + timedelta(days=offset) for offset in range(-1, 9)):
        for span in hours[day.weekday()]:
            start = _instant(day, minutes_of(span[0]), zone)
            end = _instant(day + ONE_DAY if ends_next_day(span) else day, minutes_of(span[1]), zone)
            if start < end:  # The clocks can skip a whole span.
                yield start, end


@lru_cache(maxsize=4096)  # Each arrival asks for the same few starts of days.
def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return wall.astimezone(UTC)

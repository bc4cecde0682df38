"""Wall times, and which business day it is, in the hall's own time zone.

Wall times become instants before anything is compared, so that a day of 23 or 25 hours needs no care from callers.
A wall time that the clocks skip is read as if they had not; one that they repeat is the first of the two.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[str, str]

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
    return next(day for day in days if instant(day, day_starts, zone) <= now)


@lru_cache(maxsize=8192)  # Each arrival asks for the same few starts of days, and a thousand halls for the same hours.
def instant(day: date, wall_time: str, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which the clocks of `zone` show "HH:MM" on that day; "24:00" is the next day's 00:00."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes_of(wall_time))
    return wall.astimezone(UTC)

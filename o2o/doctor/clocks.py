"""What is known of time zones and public holidays."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from halls.hall import Hall
from halls.holidays import calendar_known_until
from o2o.doctor.finding import Finding, fine, mind, wrong

DECEMBER: Final = 12
"""The State Council has announced the coming year's holidays by then."""


def examine_zones(halls: Iterable[Hall]) -> Iterator[Finding]:
    for zone in sorted({hall.time_zone for hall in halls}):
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            said = f"the time zone {zone} is not known on this machine, so its halls have no day"
            yield wrong("clock.zone", said, "install tzdata (the system's, or `pip install tzdata`)")


def examine_calendar(now: datetime) -> Finding:
    known = calendar_known_until()
    said = f"public holidays are known until {known.isoformat()}"
    missing = known.year < now.year or (known.year == now.year and now.month == DECEMBER)
    if missing:
        advice = "install a newer chinesecalendar; until then weekends alone are free, and halls' own special days win"
        return mind("clock.holidays", said, advice)
    return fine("clock.calendar", said)

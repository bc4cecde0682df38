"""China's public holidays, and the weekend days that are worked for them, as `chinesecalendar` knows them.

The State Council announces each year's in the autumn before; later years are not known, and their days are ordinary.
"""

from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

import chinese_calendar


class Observed(NamedTuple):
    """A day that the calendar makes another one than its weekday is: worked or free, and for which festival."""

    works: bool
    zh: str
    en: str


_FESTIVALS: Final = {
    "New Year's Day": ("元旦", "New Year's Day"),
    "Spring Festival": ("春节", "Spring Festival"),
    "Tomb-sweeping Day": ("清明节", "Tomb-sweeping Day"),
    "Labour Day": ("劳动节", "Labour Day"),
    "Dragon Boat Festival": ("端午节", "Dragon Boat Festival"),
    "National Day": ("国庆节", "National Day"),
    "Mid-autumn Festival": ("中秋节", "Mid-Autumn Festival"),
}
_HOLIDAY: Final = ("公众假期", "public holiday")


def calendar_known_until() -> date:
    """The last day of the last year that the calendar knows."""
    return date(max(chinese_calendar.holidays).year, 12, 31)


@lru_cache(maxsize=1024)
def observed(day: date) -> Observed | None:
    """What the calendar makes of the day; None for an ordinary one, and for each of a year that it does not know."""
    try:
        free, festival = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return None if festival is None else Observed(not free, *_FESTIVALS.get(festival, _HOLIDAY))

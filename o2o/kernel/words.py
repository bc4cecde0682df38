"""Times and durations as people say them: "about 15–25 min", "10:40"."""

import math
from datetime import datetime, tzinfo
from typing import Final

from o2o.kernel.clock import from_ms
from o2o.kernel.i18n import Translator, _

HOUR_MIN: Final = 60


def clock_time(moment: datetime | int, zone: tzinfo) -> str:
    """`10:40` on a clock in `zone`; a moment as datetime or ms since 1970."""
    aware = from_ms(moment) if isinstance(moment, int) else moment
    return aware.astimezone(zone).strftime("%H:%M")


def wait_range(low_s: float, high_s: float, texts: Translator) -> str:
    """A range of seconds in whole minutes, the lower end rounded down, the higher up."""
    low, high = math.floor(low_s / 60), math.ceil(high_s / 60)
    if high <= 1:
        return texts(_("about a minute"))
    if low == high:
        return texts(_("about %(minutes)s min"), minutes=high)
    if low == 0:
        return texts(_("up to %(minutes)s min"), minutes=high)
    if low < HOUR_MIN:
        return texts(_("about %(low)s–%(high)s min"), low=low, high=high)
    return texts(_("about %(low)s–%(high)s h"), low=_hours(low), high=_hours(high))


def duration(seconds: float, texts: Translator) -> str:
    """How long something took or takes, in minutes, from an hour on in hours and minutes."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return texts(_("under a minute"))
    if minutes < HOUR_MIN:
        return texts(_("%(minutes)s min"), minutes=minutes)
    return texts(_("%(hours)s h %(minutes)s min"), hours=minutes // HOUR_MIN, minutes=minutes % HOUR_MIN)


def distance(metres: float, texts: Translator) -> str:
    """`450 m` in steps of 50, from a kilometre on `1.2 km`."""
    if metres < 975:  # noqa: PLR2004 - what rounds to a thousand is a kilometre
        return texts(_("%(metres)s m"), metres=max(50, round(metres / 50) * 50))
    return texts(_("%(km)s km"), km=f"{metres / 1000:.1f}")


def _hours(minutes: int) -> str:
    return f"{minutes / HOUR_MIN:.1f}".removesuffix(".0")

"""Times and durations as people say them: "about 15–25 min", "10:40"."""

import math
import re
from datetime import datetime, tzinfo
from typing import Final

from babel.dates import format_datetime
from markupsafe import Markup, escape

from o2o.kernel.clock import from_ms
from o2o.kernel.i18n import LANGUAGES, Translator, _

HOUR_MIN: Final = 60
WEEKDAYS: Final = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}
"""By their names in a hall's document."""
SPAN: Final = re.compile(r"\d[\d:.]*–\d[\d:.]*")
"""`13:00–18:00`, `15–25`: what browsers would break behind its dash."""


def clock_time(moment: datetime | int, zone: tzinfo) -> str:
    """`10:40` on a clock in `zone`; a moment as datetime or ms since 1970."""
    aware = from_ms(moment) if isinstance(moment, int) else moment
    return aware.astimezone(zone).strftime("%H:%M")


def day_and_time(moment: datetime | int, now: datetime, zone: tzinfo, texts: Translator) -> str:
    """`today 10:40`, `yesterday 10:40`, `tomorrow 10:40`, and else as `dated` says it."""
    aware = (from_ms(moment) if isinstance(moment, int) else moment).astimezone(zone)
    time = f"{aware:%H:%M}"
    match (aware.date() - now.astimezone(zone).date()).days:
        case 0:
            return texts(_("today %(time)s"), time=time)
        case 1:
            return texts(_("tomorrow %(time)s"), time=time)
        case -1:
            return texts(_("yesterday %(time)s"), time=time)
    return dated(aware, now, zone, texts)


def dated(moment: datetime | int, now: datetime, zone: tzinfo, texts: Translator) -> str:
    """`Thu 8 Oct 10:40`, whenever that is read; with the year when it is not this one."""
    aware = (from_ms(moment) if isinstance(moment, int) else moment).astimezone(zone)
    # Translators: how CLDR writes a weekday and a date.
    form = _("EEE d MMM") if aware.year == now.astimezone(zone).year else _("EEE d MMM y")
    return f"{format_datetime(aware, texts(form), locale=LANGUAGES[texts.language])} {aware:%H:%M}"


def unbroken(text: str) -> Markup:
    """A text for a page, whose spans of times and numbers stay in one line."""
    # As a plain string: what is put into a Markup would be escaped once more.
    return Markup(SPAN.sub(r'<span class="number">\g<0></span>', str(escape(text))))  # noqa: S704 - it is escaped


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

"""Today's curve as the page draws it: bars out of 100, the hours under them, and the same in words."""

from collections.abc import Sequence
from typing import Any, Final

from booking.manage.now import FULL, Moment
from booking.manage.today import SLOT_MS, SLOTS, Slot, Today
from o2o.kernel import words

WIDTH: Final = 10
"""How wide half an hour is; the picture is stretched to the page's width."""
MARKS: Final = 6
"""So many hours fit under the picture on a phone."""


def curve(moment: Moment) -> dict[str, Any] | None:
    """None while nobody has come."""
    today = moment.today
    if today is None:
        return None
    busiest = today.busiest
    return {
        **_scaled(moment, today),
        "width": WIDTH * len(today.slots),
        "hours": _hours(moment, today.slots),
        "came": today.came,
        "served": today.served,
        "busiest": f"{moment.at(busiest.start)}–{moment.at(busiest.start + SLOT_MS)}",
        "busiest_came": busiest.came,
        "usual_wait": _said(moment, today.usual_wait_ms),
        "longest_wait": _said(moment, today.longest_wait_ms),
    }


def _scaled(moment: Moment, today: Today) -> dict[str, Any]:
    """The bars of each half hour. The wait's picture is as high as the longest of them, or as what is promised."""
    promised = moment.hall.late_ms
    most = max(1, *(max(slot.came, slot.served) for slot in today.slots))
    longest = max(promised, *(slot.wait_ms or 0 for slot in today.slots))
    slots = [
        {
            "x": WIDTH * place,
            "time": moment.at(slot.start),
            "came": slot.came,
            "came_high": FULL * slot.came / most,
            "served": slot.served,
            "served_high": FULL * slot.served / most,
            "wait": _said(moment, slot.wait_ms),
            "wait_high": FULL * (slot.wait_ms or 0) / longest,
            "late": (slot.wait_ms or 0) > promised,
        }
        for place, slot in enumerate(today.slots)
    ]
    return {
        "slots": slots,
        "most": most,
        "longest": _said(moment, longest),
        "promised": _said(moment, promised),
        "promised_high": FULL * promised / longest,
    }


def _hours(moment: Moment, slots: Sequence[Slot]) -> list[str]:
    """One mark an hour; where they would not fit, only some have words."""
    hours = [slot.start for slot in slots[::SLOTS]]
    step = -(-len(hours) // MARKS)
    return [moment.at(hour) if place % step == 0 else "" for place, hour in enumerate(hours)]


def _said(moment: Moment, milliseconds: float | None) -> str:
    return "" if milliseconds is None else words.duration(milliseconds / 1000, moment.texts)

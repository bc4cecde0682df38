"""What the pages of a shift show of it: the lock, and a word before it ends."""

from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request

from o2o.kernel.clock import to_ms
from o2o.kernel.words import clock_time
from staff.browsers import HOME
from staff.schemas import Staff
from staff.service import csrf_token
from staff.states import Role

WARNED: Final = timedelta(minutes=30)
"""So long before the shift ends its end is said: time to finish with a customer and sign in anew."""
HOMES: Final = ((Role.MANAGER, "/manage"), (Role.CLERK, "/clerk"), (Role.WAREHOUSE, "/stock"))
"""Where each role works; of several the first. Provinces and headquarters may what managers may."""


def home_of(staff: Staff) -> str:
    """The page that somebody works at who has asked for none."""
    return next((page for role, page in HOMES if staff.may(role)), HOME)


def on_shift(request: Request[Any], staff: Staff, time_zone: str) -> dict[str, Any]:
    """What `staff/page.html` draws; `time_zone` is the hall's."""
    return {
        "start": home_of(staff),
        "staff_name": staff.name,
        "csrf": csrf_token(staff),
        "shift": shift_of(request, staff, time_zone),
    }


async def on_shift_anywhere(request: Request[Any], staff: Staff) -> dict[str, Any]:
    """The same for a page that is no hall's, on the clock that most halls go by."""
    return on_shift(request, staff, (await request.state["directory"].all()).usual_zone)


def shift_of(request: Request[Any], staff: Staff, time_zone: str) -> dict[str, Any]:
    """What `staff/shift.html` draws; `time_zone` is the hall's."""
    now, ends = request.state["clock"](), staff.expires_at
    warn_at = to_ms(ends - WARNED) if ends else None
    url = request.url
    return {
        "lock_minutes": request.state["settings"].lock_minutes,
        "here": url.path + (f"?{url.query}" if url.query else ""),
        "has_pin": staff.pin,
        "now": to_ms(now),
        "warn_at": warn_at or "",
        "ends": clock_time(ends, ZoneInfo(time_zone)) if ends else "",
        "ends_soon": warn_at is not None and to_ms(now) >= warn_at,
    }

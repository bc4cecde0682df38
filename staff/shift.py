"""What the pages of a shift show of it: the lock, and a word before it ends."""

from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request

from o2o.kernel.clock import to_ms
from o2o.kernel.words import clock_time
from staff.schemas import Staff

WARNED: Final = timedelta(minutes=30)
"""So long before the shift ends its end is said: time to finish with a customer and sign in anew."""


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

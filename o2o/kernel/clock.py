"""Time. The only module that asks the machine for it; everything else takes a `Clock` or a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

Clock = Callable[[], datetime]
"""Gives the present moment as an aware datetime in UTC."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)


def system_clock() -> datetime:
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, in whole numbers all the way: floats would round differently at each end."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def rfc3339(moment: datetime | int, zone: tzinfo = UTC) -> str:
    """`2026-11-22T16:30:00.000+08:00`: the moment (a datetime, or ms since 1970) as read on a clock in `zone`."""
    seconds, ms = divmod(moment if isinstance(moment, int) else to_ms(moment), 1000)
    clock, offset = _to_the_second(seconds, zone)
    return f"{clock}.{ms:03d}{offset}"


@lru_cache(maxsize=4096)
def _to_the_second(seconds: int, zone: tzinfo) -> tuple[str, str]:
    """What a clock in `zone` shows, and how far it is from UTC: the same for all that happens within a second."""
    text = from_ms(seconds * 1000).astimezone(zone).isoformat(timespec="seconds")
    return text[:19], text[19:]

"""Time. The only module that asks the machine for it; everything else takes a `Clock` or a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
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
    aware = from_ms(moment) if isinstance(moment, int) else moment
    return aware.astimezone(zone).isoformat(timespec="milliseconds")

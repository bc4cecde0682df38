"""Moments, milliseconds and how they are written."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from o2o.kernel.clock import from_ms, rfc3339, system_clock, to_ms

TIANJIN = ZoneInfo("Asia/Shanghai")


@given(st.integers(min_value=0, max_value=32_503_680_000_000))
def test_milliseconds_survive_the_way_there_and_back(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert system_clock().utcoffset() == timedelta(0)


def test_a_moment_is_written_as_a_clock_in_the_zone_shows_it() -> None:
    assert rfc3339(datetime(2026, 11, 22, 16, 30, tzinfo=UTC), TIANJIN) == "2026-11-23T00:30:00.000+08:00"


def test_milliseconds_are_written_like_a_moment() -> None:
    assert rfc3339(1_764_000_000_123, TIANJIN) == "2025-11-25T00:00:00.123+08:00"


@given(
    st.datetimes(timezones=st.just(UTC)), st.sampled_from(["UTC", "Asia/Shanghai", "Europe/London", "Asia/Kathmandu"])
)
def test_a_moment_is_written_as_the_library_writes_it(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    assume(moment.year > 1 and moment.year < 9999)  # A zone may put the others outside the calendar.

    assert rfc3339(moment, zone) == moment.astimezone(zone).isoformat(timespec="milliseconds")

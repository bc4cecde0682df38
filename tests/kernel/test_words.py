"""Times, waits and distances as people say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from o2o.kernel.i18n import translator
from o2o.kernel.words import clock_time, distance, duration, wait_range

EN = translator("en")


def test_a_time_is_what_the_hall_s_clock_shows() -> None:
    assert clock_time(datetime(2026, 11, 22, 2, 40, tzinfo=UTC), ZoneInfo("Asia/Shanghai")) == "10:40"
    assert clock_time(0, UTC) == "00:00"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 30, "about a minute"),
        (900, 1500, "about 15–25 min"),
        (930, 1441, "about 15–25 min"),
        (300, 300, "about 5 min"),
        (3600, 5400, "about 1–1.5 h"),
        (3500, 7200, "about 58–120 min"),
    ],
)
def test_a_wait_is_a_range_in_whole_minutes(low: float, high: float, words: str) -> None:
    assert wait_range(low, high, EN) == words


@pytest.mark.parametrize(("seconds", "words"), [(10, "under a minute"), (300, "5 min"), (3900, "1 h 5 min")])
def test_a_duration_is_minutes_then_hours(seconds: float, words: str) -> None:
    assert duration(seconds, EN) == words


@pytest.mark.parametrize(("metres", "words"), [(3, "50 m"), (430, "450 m"), (980, "1.0 km"), (1249, "1.2 km")])
def test_a_distance_is_no_more_exact_than_a_walk(metres: float, words: str) -> None:
    assert distance(metres, EN) == words


def test_the_same_in_chinese() -> None:
    assert wait_range(900, 1500, translator("zh-CN")) == "大约 15–25 分钟"

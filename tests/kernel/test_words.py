"""Times, waits and distances as people say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from o2o.kernel.i18n import translator
from o2o.kernel.words import clock_time, dated, day_and_time, distance, duration, unbroken, wait_range

EN = translator("en")


def test_a_time_is_what_the_hall_s_clock_shows() -> None:
    assert clock_time(datetime(2026, 11, 22, 2, 40, tzinfo=UTC), ZoneInfo("Asia/Shanghai")) == "10:40"
    assert clock_time(0, UTC) == "00:00"


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        (28, "today 10:40", "今天 10:40"),
        (27, "yesterday 10:40", "昨天 10:40"),
        (29, "tomorrow 10:40", "明天 10:40"),
        (30, "Mon 30 Nov 10:40", "11月30日周一 10:40"),
    ],
)
def test_a_moment_has_its_day_as_people_say_it(day: int, english: str, chinese: str) -> None:
    zone, now = ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 28, 12, tzinfo=UTC)
    moment = datetime(2026, 11, day, 2, 40, tzinfo=UTC)
    assert day_and_time(moment, now, zone, EN) == english
    assert day_and_time(moment, now, zone, translator("zh-CN")) == chinese


def test_what_is_read_later_has_its_date_and_another_year_its_year() -> None:
    now, zone = datetime(2026, 11, 28, 12, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
    assert dated(now, now, zone, EN) == "Sat 28 Nov 20:00"
    assert dated(datetime(2027, 1, 2, tzinfo=UTC), now, zone, EN) == "Sat 2 Jan 2027 08:00"
    assert dated(datetime(2027, 1, 2, tzinfo=UTC), now, zone, translator("zh-CN")) == "2027年1月2日周六 08:00"


def test_a_span_stays_in_one_line_and_what_is_around_it_is_escaped() -> None:
    assert unbroken("<b> today 13:00–18:00") == '&lt;b&gt; today <span class="number">13:00–18:00</span>'


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

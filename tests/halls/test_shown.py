from datetime import UTC, datetime

import msgspec
import pytest

from halls.queries import Load
from halls.schemas import Estimate
from halls.shown import passes_closing, show_hall, show_hall_whole
from tests.halls.documents import hall, week

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_a_hall_is_shown_with_its_load_in_the_readers_language() -> None:
    load = Load(7, {"sim": 5}, {"sim": Estimate(600, 900, known=True)})

    shown = show_hall(hall(capacity=120), load, now=NOON, language="en", distance_m=1234.5)

    assert (shown.name, shown.head_count, shown.capacity, shown.distance_m) == ("Heping hall", 7, 120, 1234)
    assert [(service.name, service.waiting, service.estimate.known) for service in shown.services] == [
        ("SIM cards", 5, True),
        ("Bills", 0, False),
    ]


def test_the_hours_that_are_shown_are_in_the_halls_own_time() -> None:
    closed = hall(hours={"tue": [("09:00", "17:30")]})

    shown = msgspec.to_builtins(show_hall(closed, Load(0, {}, {}), now=NOON, language="en"))

    assert (shown["open"], shown["opens_at"], shown["closes_at"]) == (False, "2026-11-24T09:00:00+08:00", None)


def test_a_hall_whole_shows_what_it_was_described_with() -> None:
    shown = msgspec.to_builtins(show_hall_whole(hall(), Load(0, {}, {}), now=NOON, language="zh-CN"))

    assert shown["names"] == {"zh-CN": "和平营业厅", "en": "Heping hall"}
    assert shown["counters"][1] == {"id": "heping-2", "name": "2", "services": ("bill",)}
    assert (shown["hours"], shown["time_zone"], shown["rev"]) == ("always", "Asia/Shanghai", 1)


@pytest.mark.parametrize(
    ("estimate", "left_s", "expected"),
    [
        (Estimate(600, 1800, known=True), 3600, None),
        (Estimate(600, 3600, known=True), 3600, "may"),
        (Estimate(3599, 9000, known=True), 3600, "may"),
        (Estimate(3600, 9000, known=True), 3600, "would"),
        (Estimate(), 3600, None),
        (Estimate(600, 9000, known=True), None, None),
    ],
)
def test_a_wait_is_held_against_the_time_until_closing(
    estimate: Estimate, left_s: float | None, expected: str | None
) -> None:
    assert passes_closing(estimate, left_s) == expected


@pytest.mark.parametrize(
    ("hours", "warning"), [(week(("09:00", "12:30")), "may"), (week(("09:00", "17:30")), None), ("always", None)]
)
def test_a_service_whose_line_may_run_past_closing_says_so(hours: object, warning: str | None) -> None:
    load = Load(7, {"sim": 7}, {"sim": Estimate(600, 2400, known=True)})

    sim, bill = show_hall(hall(hours=hours), load, now=NOON, language="en").services

    assert (sim.queue_passes_closing, bill.queue_passes_closing) == (warning, None)


def test_a_closed_hall_says_why_in_the_readers_language() -> None:
    resting = hall(hours={"mon": [("09:00", "17:30")]}, calendar="cn")
    on_a_holiday = datetime(2026, 10, 2, 4, 0, tzinfo=UTC)

    told = [show_hall(resting, Load(0, {}, {}), now=on_a_holiday, language=tag).closed_for for tag in ("zh-CN", "en")]

    assert told == ["国庆节", "National Day"]

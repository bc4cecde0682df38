"""When a delivery can come."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from halls.assembly import assemble
from halls.demo import DEMO_HALLS
from halls.schemas import Week
from orders.delivery.windows import WarehouseHours, Way, Window, windows

ZONE = ZoneInfo("Asia/Shanghai")
COURIER = Way(0, courier=True)


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=ZONE)


def said(found: list[Window]) -> list[str]:
    return [f"{one.start.astimezone(ZONE):%d %H}-{one.end.astimezone(ZONE):%H}" for one in found]


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-11-26T05:00", "26 13-18"),  # It opens at 8: too late for the morning.
        ("2026-11-26T10:00", "26 13-18"),
        ("2026-11-26T11:01", "26 18-21"),
        ("2026-11-26T16:01", "27 09-12"),
        ("2026-11-26T19:30", "27 13-18"),  # It closes at 20, before anything is packed.
    ],
)
def test_a_courier_brings_it_in_the_next_part_of_the_day_that_can_be_reached(now: str, first: str) -> None:
    assert said(windows(WarehouseHours(), COURIER, at(now)))[0] == first


def test_two_days_are_offered() -> None:
    assert said(windows(WarehouseHours(), COURIER, at("2026-11-26T12:30"))) == [
        "26 18-21",
        "27 09-12",
        "27 13-18",
        "27 18-21",
    ]


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-11-26T14:59", "29 09-12"),
        ("2026-11-26T15:01", "30 09-12"),  # Packed after the carrier has been.
        ("2026-09-30T15:01", "11 09-12"),  # Closed over National Day, 1 to 7 October.
    ],
)
def test_a_carrier_collects_at_the_cut_off_of_a_day_that_is_worked(now: str, first: str) -> None:
    assert said(windows(WarehouseHours(), Way(3), at(now)))[0] == first


def test_a_hall_that_never_opens_offers_nothing() -> None:
    closed = assemble("closed", msgspec.structs.replace(DEMO_HALLS["heping"], hours=Week()), rev=1)

    assert windows(closed, COURIER, at("2026-11-26T10:00")) == []
    assert windows(closed, Way(2), at("2026-11-26T10:00")) == []


def test_a_hall_that_is_always_open_packs_at_night() -> None:
    hall = assemble("heping", DEMO_HALLS["heping"], rev=1)

    assert said(windows(hall, COURIER, at("2026-11-26T02:00")))[0] == "26 09-12"

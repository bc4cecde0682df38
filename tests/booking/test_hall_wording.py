"""Halls as pages say them."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from booking.hall_wording import closing_warning, hall_row, map_url
from halls.position import distance_m, gcj02
from halls.queries import Load
from halls.schemas import Estimate
from halls.shown import show_hall
from o2o.kernel.i18n import translator
from tests.halls.documents import hall, week

TIANJIN = (39.1162, 117.2084)
LONDON = (51.507400, -0.127800)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def row(load: Load, service: str = "", **changes: Any) -> dict[str, Any]:
    shown = show_hall(hall(**changes), load, now=NOON, language="en")
    return hall_row(shown, NOON, translator("en"), service)


def line(**waits: tuple[int, int, int] | int) -> Load:
    """How many wait for each service, and where it is known how long: from and to, in minutes."""
    known = {name: wait for name, wait in waits.items() if isinstance(wait, tuple)}
    return Load(
        head_count=sum(wait[0] if isinstance(wait, tuple) else wait for wait in waits.values()),
        waiting={name: wait[0] if isinstance(wait, tuple) else wait for name, wait in waits.items()},
        estimates={name: Estimate(60 * low, 60 * high, known=True) for name, (_waiting, low, high) in known.items()},
    )


@pytest.mark.parametrize(
    ("load", "service", "said"),
    [
        (line(sim=(3, 5, 10), bill=(2, 8, 30)), "", "about 5–30 min"),
        (line(sim=(3, 5, 10), bill=(2, 8, 30)), "sim", "about 5–10 min"),
        (line(sim=(3, 5, 10), bill=2), "", "can't tell yet"),
        (line(sim=(3, 5, 10), bill=2), "bill", "can't tell yet"),
        (line(sim=(3, 5, 10)), "", "about 5–10 min"),
        (line(), "", "nobody ahead"),
        (line(sim=9)._replace(ahead={"sim": 9, "bill": 9}), "bill", "can't tell yet"),
        (line(sim=9)._replace(ahead={"sim": 9, "bill": 0}), "bill", "nobody ahead"),
    ],
)
def test_the_wait_of_a_hall_is_a_range_or_not_known(load: Load, service: str, said: str) -> None:
    assert row(load, service)["wait"] == said


def test_a_services_row_counts_whom_the_ticket_will_count() -> None:
    busy = line(sim=9)._replace(ahead={"sim": 9, "bill": 7})

    assert {one["id"]: one["ahead"] for one in row(busy)["services"]}["bill"] == 7
    assert [row(busy, service)["ahead"] for service in ("bill", "sim", "")] == [7, 9, None]


@pytest.mark.parametrize(
    ("load", "service", "said"),
    [
        (line(sim=(9, 20, 40), bill=(9, 25, 50)), "", "You may not be called before it closes"),
        (line(sim=(9, 31, 40), bill=(9, 35, 50)), "", "At this pace you would not be called before it closes"),
        (line(sim=(9, 31, 40), bill=(9, 5, 10)), "", None),
        (line(sim=(9, 31, 40), bill=(9, 5, 10)), "sim", "At this pace you would not be called before it closes"),
        (line(sim=9, bill=9), "", None),
    ],
)
def test_a_hall_warns_when_no_line_is_short_enough(load: Load, service: str, said: str | None) -> None:
    assert row(load, service, hours=week(("09:00", "12:30")))["warning"] == said


def test_a_service_that_is_closed_does_not_count() -> None:
    closed = {"id": "bill", "prefix": "B", "name": "Bills", "open": False}
    sim = {"id": "sim", "prefix": "A", "name": "SIM"}

    assert row(line(sim=(3, 5, 10), bill=7), services=[sim, closed], counters=[])["wait"] == "about 5–10 min"


def test_a_chinese_map_is_told_where_chinese_maps_draw_the_hall() -> None:
    link = urlsplit(map_url(hall(), "zh-CN"))
    told = parse_qs(link.query)
    lon, lat = map(float, told["position"][0].split(","))

    assert (link.hostname, told["coordinate"], told["name"]) == ("uri.amap.com", ["gaode"], ["和平营业厅"])
    assert distance_m((lat, lon), gcj02(TIANJIN)) < 0.2
    assert distance_m((lat, lon), TIANJIN) > 300


def test_a_chinese_map_draws_a_hall_abroad_where_it_is() -> None:
    abroad = hall(lat=LONDON[0], lon=LONDON[1])

    assert parse_qs(urlsplit(map_url(abroad, "zh-CN")).query)["position"] == ["-0.127800,51.507400"]


def test_openstreetmap_is_told_the_place_as_it_is() -> None:
    assert "mlat=39.1162&mlon=117.2084" in map_url(hall(), "en")


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(600, 1200, known=True), None),
        (Estimate(600, 1900, known=True), "You may not be called before it closes"),
        (Estimate(1800, 2400, known=True), "At this pace you would not be called before it closes"),
        (Estimate(), None),
    ],
)
def test_a_ticket_is_warned_of_closing(estimate: Estimate, said: str | None) -> None:
    closes_in_half_an_hour = hall(hours=week(("09:00", "12:30")))

    assert closing_warning(estimate, closes_in_half_an_hour, NOON, translator("en")) == said
    assert closing_warning(estimate, hall(), NOON, translator("en")) is None

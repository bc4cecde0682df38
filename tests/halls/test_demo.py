"""Scripts and other packages rely on the demo's fixed names."""

import pytest

from halls.assembly import assemble
from halls.demo import DEMO_HALLS
from halls.hall import Hall

HALLS = {hall_id: assemble(hall_id, given, rev=1) for hall_id, given in DEMO_HALLS.items()}


def test_there_are_a_dozen_halls() -> None:
    assert len(HALLS) == 12


def test_heping_holds_120_and_nankai_has_no_limit() -> None:
    assert (HALLS["heping"].capacity, HALLS["nankai"].capacity) == (120, None)


def test_only_heping_and_nankai_are_open_round_the_clock() -> None:
    assert {hall_id for hall_id, hall in HALLS.items() if hall.hours == "always"} == {"heping", "nankai"}


@pytest.mark.parametrize("hall_id", ["heping", "nankai"])
def test_heping_and_nankai_have_four_counters_each(hall_id: str) -> None:
    assert [counter.id for counter in HALLS[hall_id].counters] == [f"{hall_id}-{n}" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("hall", HALLS.values(), ids=HALLS)
def test_every_hall_offers_the_same_four_services(hall: Hall) -> None:
    services = [(service.id, service.prefix) for service in hall.services]

    assert services == [("sim", "A"), ("bill", "B"), ("broadband", "C"), ("device", "D")]


@pytest.mark.parametrize("hall", HALLS.values(), ids=HALLS)
def test_every_hall_says_that_it_is_an_example(hall: Hall) -> None:
    assert "示例" in hall.address
    assert "not a real hall" in hall.address


@pytest.mark.parametrize("hall", HALLS.values(), ids=HALLS)
def test_every_hall_stands_in_tianjin(hall: Hall) -> None:
    assert 38.55 < hall.lat < 40.25
    assert 116.7 < hall.lon < 118.1


def test_no_two_halls_share_a_counter() -> None:
    counters = [counter.id for hall in HALLS.values() for counter in hall.counters]

    assert len(counters) == len(set(counters))

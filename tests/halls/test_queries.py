from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from halls.assembly import assemble
from halls.atlas import Atlas
from halls.demo import DEMO_HALLS
from halls.hall import Hall
from halls.pause import Paused
from halls.queries import NEARBY, Found, Load, find_halls, halls_around, quieter
from halls.schemas import Estimate
from tests.halls.documents import hall

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HALLS = Atlas(assemble(hall_id, given, rev=1) for hall_id, given in DEMO_HALLS.items())
AT_NANKAI_UNIVERSITY = (39.1035, 117.1635)


def ids(text: str = "", service: str = "", halls: Iterable[Hall] = HALLS) -> list[str]:
    return [found.hall.id for found in find_halls(Atlas(halls), text=text, service=service)]


def test_the_nearest_hall_comes_first() -> None:
    found = list(find_halls(HALLS, near=AT_NANKAI_UNIVERSITY))

    assert [one.hall.id for one in found[:4]] == ["nankai", "heping", "hexi", "hebei"]
    assert [one.distance_m for one in found] == sorted(one.distance_m or 0 for one in found)


def test_without_a_position_halls_come_by_id_and_have_no_distance() -> None:
    assert ids() == sorted(DEMO_HALLS)
    assert next(find_halls(HALLS)).distance_m is None


@pytest.mark.parametrize("text", ["和平", "heping", "HEPING", "Ｈｅｐｉｎｇ", "hall ping heP", " heping "])
def test_a_hall_is_found_by_words_of_its_name_in_either_language(text: str) -> None:
    assert ids(text) == ["heping"]


@pytest.mark.parametrize("text", ["滨海新区", "天津滨海", "滨海，天津市", "binhai滨海"])
def test_a_hall_is_found_by_its_address(text: str) -> None:
    assert ids(text) == ["binhai"]


@pytest.mark.parametrize("text", ["宽带", "broadband", "BROAD band", "宽带 和平", "缴账单"])
def test_a_hall_is_found_by_what_it_offers(text: str) -> None:
    assert "heping" in ids(text)


def test_nothing_but_punctuation_finds_every_hall() -> None:
    assert ids("、。 !") == sorted(DEMO_HALLS)


def test_words_that_are_in_no_hall_find_nothing() -> None:
    assert ids("heping nankai") == []


def test_only_halls_with_the_service_are_found() -> None:
    small = hall("corner", services=[{"id": "sim", "prefix": "A", "name": "SIM"}], counters=[])

    assert ids(service="sim", halls=[small, hall()]) == ["corner", "heping"]
    assert ids(service="bill", halls=[small, hall()]) == ["heping"]


@pytest.mark.parametrize("service", ["sim", "SIM cards", "手机卡", "ｃａｒｄｓ"])
def test_a_service_is_asked_for_by_its_id_or_its_name(service: str) -> None:
    assert ids(service=service, halls=[hall()]) == ["heping"]


@pytest.mark.parametrize("service", ["broadband", "heping", "SIM Bills", "。"])
def test_a_service_that_no_hall_has_finds_nothing(service: str) -> None:
    assert ids(service=service, halls=[hall()]) == []


BY_ID = {one.id: one for one in HALLS}


def around(now: datetime = NOON, service: str = "sim", halls: Iterable[Hall] = HALLS) -> list[str]:
    return [found.hall.id for found in halls_around(BY_ID["heping"], service, Atlas(halls), now)]


def best(**loads: Load) -> list[str]:
    """The halls with these loads, the best first."""
    near = [found for found in halls_around(BY_ID["heping"], "sim", HALLS, NOON) if found.hall.id in loads]
    return [found.hall.id for found, _load in quieter([(found, loads[found.hall.id]) for found in near], "sim")]


def crowd(waiting: int, estimate: Estimate | None = None) -> Load:
    return Load(waiting, {"sim": waiting}, {"sim": estimate} if estimate else {})


def test_the_halls_around_are_open_and_the_nearest_comes_first() -> None:
    assert around()[:3] == ["hexi", "hedong", "hebei"]
    assert around(now=datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == ["nankai"]


def test_a_hall_without_the_service_is_not_around() -> None:
    bills_only = hall("corner", services=[{"id": "bill", "prefix": "A", "name": "Bills"}], counters=[])
    closed = hall("kiosk", services=[{"id": "sim", "prefix": "A", "name": "SIM", "open": False}], counters=[])

    assert around(halls=[bills_only, closed]) == []
    assert around(halls=[bills_only], service="bill") == ["corner"]


def test_a_hall_in_another_town_is_not_around() -> None:
    assert around(halls=[hall("beijing", lat=39.9042, lon=116.4074)]) == []


def test_only_some_halls_are_looked_at() -> None:
    assert len(around(halls=[hall(f"hall-{n}") for n in range(NEARBY + 5)])) == NEARBY


def test_of_halls_as_far_away_the_one_with_fewer_people_is_better() -> None:
    assert best(hexi=crowd(9), hedong=crowd(0)) == ["hedong", "hexi"]


def test_a_short_line_far_away_is_worse_than_some_people_next_door() -> None:
    assert best(hexi=crowd(3), binhai=crowd(0)) == ["hexi", "binhai"]


def test_a_known_wait_counts_for_more_than_the_number_of_people() -> None:
    quick = Estimate(0, 120, known=True)
    slow = Estimate(5_000, 7_000, known=True)

    assert best(hexi=crowd(2, slow), hedong=crowd(9, quick)) == ["hedong", "hexi"]


def test_people_of_other_services_before_the_same_counters_count() -> None:
    shared = Load(9, {"bill": 9}, {}, ahead={"sim": 9, "bill": 9})

    assert best(hexi=shared, hedong=crowd(1)) == ["hedong", "hexi"]


def test_a_full_hall_is_not_offered() -> None:
    assert best(hexi=Load(60, {}, {}), nankai=Load(5_000, {}, {})) == ["nankai"]


def test_a_hall_that_has_paused_is_not_offered_unless_it_gives_numbers_still() -> None:
    def paused(*, issuing: bool) -> Load:
        return Load(0, {}, {}, Paused(issuing=issuing, calling=True, message=None, since=0))

    assert best(hexi=paused(issuing=True), nankai=paused(issuing=False)) == ["nankai"]


def test_the_distance_is_told_with_a_hall_around() -> None:
    (found,) = halls_around(BY_ID["heping"], "sim", Atlas([BY_ID["hexi"]]), NOON)

    assert isinstance(found, Found)
    assert found.distance_m == BY_ID["hexi"].distance_m(39.1162, 117.2084)

from datetime import UTC, datetime

import msgspec
import pytest

from halls.assembly import assemble
from halls.demo import DEMO_HALLS
from halls.queries import NO_LOAD, Load, find_halls
from halls.schemas import Estimate, Hall
from halls.shown import show_hall, show_hall_whole
from tests.halls.documents import hall

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HALLS = [assemble(hall_id, given, rev=1) for hall_id, given in DEMO_HALLS.items()]
AT_NANKAI_UNIVERSITY = (39.1035, 117.1635)


def ids(text: str = "", service: str = "", halls: list[Hall] = HALLS) -> list[str]:
    return [found.hall.id for found in find_halls(halls, text=text, service=service)]


def test_the_nearest_hall_comes_first() -> None:
    found = find_halls(HALLS, near=AT_NANKAI_UNIVERSITY)

    assert [one.hall.id for one in found[:4]] == ["nankai", "heping", "hexi", "hebei"]
    assert [one.distance_m for one in found] == sorted(one.distance_m or 0 for one in found)


def test_without_a_position_halls_come_by_id_and_have_no_distance() -> None:
    assert ids() == sorted(DEMO_HALLS)
    assert find_halls(HALLS)[0].distance_m is None


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

    shown = msgspec.to_builtins(show_hall(closed, NO_LOAD, now=NOON, language="en"))

    assert (shown["open"], shown["opens_at"], shown["closes_at"]) == (False, "2026-11-24T09:00:00+08:00", None)


def test_a_hall_whole_shows_what_it_was_described_with() -> None:
    shown = msgspec.to_builtins(show_hall_whole(hall(), NO_LOAD, now=NOON, language="zh-CN"))

    assert shown["names"] == {"zh-CN": "和平营业厅", "en": "Heping hall"}
    assert shown["counters"][1] == {"id": "heping-2", "name": "2", "services": ("bill",)}
    assert (shown["hours"], shown["time_zone"], shown["rev"]) == ("always", "Asia/Shanghai", 1)

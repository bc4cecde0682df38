"""The nearest halls, found without measuring the way to each."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from halls import position
from halls.atlas import Atlas
from halls.hall import Hall
from tests.halls.documents import hall

ONE = hall("one")
PLACES = st.tuples(
    st.one_of(st.floats(-90, 90), st.integers(-9, 9).map(lambda n: 10.0 * n)),
    st.one_of(st.floats(-180, 180), st.integers(-6, 6).map(lambda n: 30.0 * n)),
)


def at(n: int, lat: float, lon: float) -> Hall:
    return replace(ONE, id=f"hall-{n:05}", lat=lat, lon=lon)


@given(st.lists(PLACES, max_size=40), PLACES)
def test_the_order_is_that_of_measuring_all(places: list[tuple[float, float]], near: tuple[float, float]) -> None:
    halls = [at(n, *place) for n, place in enumerate(places)]

    found = list(Atlas(halls).nearest(near))

    assert sorted(one.id for _metres, one in found) == [one.id for one in halls]
    assert all(metres == one.distance_m(*near) for metres, one in found)
    metres = [metres for metres, _one in found]
    assert metres == pytest.approx(sorted(metres), rel=1e-8, abs=1e-3)


def test_those_at_one_place_come_by_id() -> None:
    found = Atlas(at(n, 39.0, 117.0) for n in (3, 1, 2)).nearest((39.0, 117.5))

    assert [one.id for _metres, one in found] == ["hall-00001", "hall-00002", "hall-00003"]


def test_who_takes_a_few_has_few_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    atlas = Atlas(at(n, 20 + n % 173 / 6, 80 + n % 251 / 6) for n in range(20_000))
    measured = []

    def counted(one: Hall, lat: float, lon: float) -> float:
        measured.append(one.id)
        return position.distance_m((one.lat, one.lon), (lat, lon))

    monkeypatch.setattr(Hall, "distance_m", counted)
    few = list(islice(atlas.nearest((35.0, 105.0)), 100))

    assert len(few) == 100
    assert len(measured) < 2_000


def test_services_that_most_halls_have_come_first() -> None:
    sim, bill, fibre = ({"id": name, "prefix": name[0].upper(), "name": name} for name in ("sim", "bill", "fibre"))
    atlas = Atlas(
        [
            hall("a", services=[bill], counters=[]),
            hall("b", services=[sim, fibre], counters=[]),
            hall("c", services=[sim, bill], counters=[]),
            hall("d", services=[sim], counters=[]),
        ]
    )

    assert [service.id for service in atlas.services] == ["sim", "bill", "fibre"]


def test_it_has_the_halls_it_was_made_of_and_no_other_revision() -> None:
    atlas = Atlas([ONE])

    assert ONE in atlas
    assert replace(ONE, rev=ONE.rev + 1) not in atlas
    assert (len(atlas), list(atlas)) == (1, [ONE])


def test_the_clock_of_most_halls_is_the_usual_one_and_there_is_one_where_no_hall_is() -> None:
    zones = ("Asia/Shanghai", "Asia/Urumqi", "Asia/Shanghai")
    halls = [replace(ONE, id=f"hall-{n}", time_zone=zone) for n, zone in enumerate(zones)]

    assert (Atlas(halls).usual_zone, Atlas([]).usual_zone) == ("Asia/Shanghai", "UTC")
    assert (Atlas(halls).get("hall-1"), Atlas(halls).get("hall-9")) == (halls[1], None)

"""Recorded halls become halls that the service takes."""

from pathlib import Path

import msgspec
import pytest

from halls.schemas import HallInput
from o2o.replay.places import Place, places_of
from o2o.replay.plan import Shares, plan_queue
from o2o.replay.recording import QueueDay, Snapshot, read_recording

EXTRACT = Path(__file__).parents[2] / "o2o/replay/data/warsaw-extract.csv.gz"


def a_day(hall: str, queue: str, prefix: str) -> QueueDay:
    snapshots = (Snapshot(480, 2, 0, None), Snapshot(485, 2, 0, 3))
    return QueueDay(hall, "2020-01-13", queue, f"Queue {queue}", prefix, snapshots)


def places(*days: QueueDay) -> list[Place]:
    return places_of([plan_queue(day, seed=1, shares=Shares()) for day in days])


def test_the_recorded_halls_are_valid_for_the_service() -> None:
    found = places(*read_recording(EXTRACT).days)

    assert [place.id for place in found] == ["ud-bielany-2020-01-13", "usc-andersa-2020-01-13"]
    assert [msgspec.convert(place.body, HallInput).capacity for place in found] == [None, None]


def test_counters_are_enough_and_unlike_those_of_other_halls() -> None:
    found = places(*read_recording(EXTRACT).days)
    ids = [counter["id"] for place in found for counter in place.body["counters"]]

    assert len(ids) == len(set(ids)) == sum(line.plan.counters for place in found for line in place.lines)


def test_a_queue_keeps_its_letter() -> None:
    services = places(a_day("North", "1", "R"))[0].body["services"]

    assert services == [{"id": "1", "prefix": "R", "name": "Queue 1"}]


def test_two_queues_with_one_letter_get_different_ones() -> None:
    services = places(a_day("North", "1", "A"), a_day("North", "2", "A"), a_day("North", "3", "B"))[0].body["services"]

    assert [service["prefix"] for service in services] == ["A", "C", "B"]


@pytest.mark.parametrize("name", ["Świętokrzyska Hala Numer Jeden", "天津", "!!!"])
def test_any_name_becomes_a_valid_id(name: str) -> None:
    place = places(a_day(name, "Kolejka Główna", ""))[0]

    assert msgspec.convert(place.body, HallInput).services[0].prefix == "A"
    assert place.id.isascii()


def test_halls_whose_names_shorten_alike_stay_apart() -> None:
    found = places(a_day("A very long hall name 1", "1", "A"), a_day("A very long hall name 2", "1", "A"))

    assert [place.id for place in found] == ["a-very-long-hall-2020-01-13", "a-very-long-hall-2020-01-13-2"]

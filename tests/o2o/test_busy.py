"""The busy demo's life has the recorded pace, at any time of day."""

import random
from itertools import islice

from halls.demo import DEMO_HALLS
from halls.demo import SERVICES as DEMO_SERVICES
from o2o.busy import HALLS, SERVICES, beats_from, beats_of, recorded_days

HOUR = 3600.0
PLAYED = 7 * HOUR


def test_every_queue_that_sets_a_pace_is_recorded() -> None:
    days = recorded_days()

    assert all(beats_of([days[queue] for queue in hall.queues]) for hall in HALLS)


def test_the_demo_has_these_halls_services_and_counters() -> None:
    assert tuple(service.id for service in DEMO_SERVICES) == SERVICES
    for hall in HALLS:
        assert hall.counters.keys() <= {counter.id for counter in DEMO_HALLS[hall.id].counters}


def test_the_first_counter_of_heping_is_left_to_the_visitor() -> None:
    heping = next(hall for hall in HALLS if hall.id == "heping")

    assert "heping-1" not in heping.counters
    assert "clerk1" not in {clerk for hall in HALLS for clerk in hall.counters.values()}


def test_beats_go_on_without_end_and_never_lie_in_the_past() -> None:
    beats = beats_of([recorded_days()[queue] for queue in HALLS[0].queues])
    now = 1_764_000_000.0

    due = [at for at, _ in islice(beats_from(beats, now, random.Random(1)), len(beats) * 2)]

    assert due[0] >= now
    assert PLAYED < due[-1] - due[0] < 3 * PLAYED


def test_as_many_people_are_called_as_come_but_for_a_few() -> None:
    beats = beats_of([recorded_days()[queue] for queue in HALLS[0].queues])
    come = sum(beat.comes for beat in beats)

    assert abs(2 * come - len(beats)) < 0.1 * come

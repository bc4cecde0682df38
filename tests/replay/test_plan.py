"""A plan asks for what was recorded, and the seed decides the rest."""

from collections import Counter
from itertools import accumulate
from pathlib import Path

import pytest

from o2o.replay.moments import moments_of
from o2o.replay.plan import Fate, Kind, QueuePlan, Shares, plan_queue
from o2o.replay.recording import QueueDay, read_recording

EXTRACT = Path(__file__).parents[2] / "o2o/replay/data/warsaw-extract.csv.gz"
NOBODY_STRAYS = Shares(absent=0, returned=0, deferred=0, left=0, phone=0)
MANY_STRAY = Shares(absent=0.2, returned=0.2, deferred=0.2, left=0.2, phone=0.5)


@pytest.fixture(scope="module")
def day() -> QueueDay:
    return next(day for day in read_recording(EXTRACT).days if day.queue == "158")


def kinds(plan: QueuePlan) -> Counter[Kind]:
    return Counter(act.kind for act in plan.acts)


def test_the_same_seed_gives_the_same_plan(day: QueueDay) -> None:
    assert plan_queue(day, seed=3, shares=Shares()) == plan_queue(day, seed=3, shares=Shares())


def test_another_seed_gives_other_people(day: QueueDay) -> None:
    assert plan_queue(day, seed=3, shares=Shares()).people != plan_queue(day, seed=4, shares=Shares()).people


def test_everybody_recorded_comes_and_is_called(day: QueueDay) -> None:
    plan, moments = plan_queue(day, seed=1, shares=NOBODY_STRAYS), moments_of(day)

    assert kinds(plan)[Kind.ARRIVE] == len(moments.arrivals) == 202
    assert kinds(plan)[Kind.CALL] == len(moments.calls)


def test_whoever_leaves_is_not_called(day: QueueDay) -> None:
    plan = plan_queue(day, seed=1, shares=MANY_STRAY)
    leaving = sum(person.fate is Fate.LEFT for person in plan.people)

    assert leaving == kinds(plan)[Kind.LEAVE] > 0
    assert kinds(plan)[Kind.CALL] == len(moments_of(day).calls) - leaving


def test_whoever_comes_back_is_called_again(day: QueueDay) -> None:
    plan = plan_queue(day, seed=1, shares=MANY_STRAY)
    returning = sum(person.fate in {Fate.RETURNED, Fate.DEFERRED} for person in plan.people)

    assert kinds(plan)[Kind.CALL_AGAIN] == kinds(plan)[Kind.PUT_BACK] == returning > 0


def test_acts_are_in_the_order_of_their_moments(day: QueueDay) -> None:
    acts = plan_queue(day, seed=1, shares=MANY_STRAY).acts

    assert [act.at for act in acts] == sorted(act.at for act in acts)


def test_a_counter_is_open_whenever_someone_is_called(day: QueueDay) -> None:
    acts = plan_queue(day, seed=1, shares=MANY_STRAY).acts
    steps = ((act.kind is Kind.OPEN) - (act.kind is Kind.CLOSE) for act in acts)
    calling = (act.kind in {Kind.CALL, Kind.CALL_AGAIN} for act in acts)

    assert all(count > 0 for count, calls in zip(accumulate(steps), calling, strict=True) if calls)


def test_counters_are_as_many_as_ever_stood_open(day: QueueDay) -> None:
    assert plan_queue(day, seed=1, shares=Shares()).counters == 9

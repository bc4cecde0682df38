"""What happened between two snapshots follows from the two."""

from o2o.replay.moments import moments_of
from o2o.replay.recording import QueueDay, Snapshot


def a_day(*snapshots: tuple[int, int, int, int | None]) -> QueueDay:
    """Give a day of (minute, counters, waiting, last number)."""
    return QueueDay("North", "2020-01-13", "7", "Sales", "A", tuple(Snapshot(*one) for one in snapshots))


def test_people_called_are_the_step_of_the_last_number() -> None:
    moments = moments_of(a_day((0, 1, 0, None), (5, 1, 0, 1), (10, 1, 0, 4)))

    assert moments.calls == (150.0, 375.0, 450.0, 525.0)


def test_people_who_came_are_the_step_and_the_change_of_those_who_wait() -> None:
    moments = moments_of(a_day((0, 1, 2, None), (5, 1, 3, 1)))

    assert moments.arrivals == (-200.0, -100.0, 100.0, 200.0)


def test_the_first_number_tells_how_many_were_called_before_it() -> None:
    assert len(moments_of(a_day((0, 1, 0, None), (5, 1, 0, 903))).calls) == 3


def test_a_first_number_far_from_its_base_is_the_middle_of_a_series() -> None:
    assert len(moments_of(a_day((0, 1, 0, None), (5, 1, 0, 174))).calls) == 1


def test_an_empty_last_number_changes_nothing() -> None:
    moments = moments_of(a_day((0, 1, 0, 5), (5, 1, 0, None), (10, 1, 0, 6)))

    assert len(moments.calls) == 6


def test_a_fall_of_those_who_wait_that_no_call_explains_takes_nobody_away() -> None:
    moments = moments_of(a_day((0, 1, 4, None), (5, 1, 1, None), (10, 1, 1, 2)))

    assert (len(moments.arrivals), len(moments.calls)) == (4, 2)


def test_nobody_is_called_before_they_came() -> None:
    moments = moments_of(a_day((0, 1, 3, None), (5, 1, 1, 8), (10, 2, 0, 20), (15, 2, 5, 20)))

    assert all(came <= called for came, called in zip(moments.arrivals, moments.calls, strict=False))


def test_counters_open_and_close_as_recorded() -> None:
    moments = moments_of(a_day((0, 1, 0, None), (5, 3, 0, None), (10, 3, 0, None), (15, 0, 0, None)))

    assert moments.counters == ((-300.0, 1), (0.0, 3), (600.0, 0))


def test_somebody_stands_at_a_counter_while_people_are_called() -> None:
    assert moments_of(a_day((0, 0, 0, None), (5, 0, 0, 2))).counters == ((-300.0, 0), (0.0, 1))

"""A wait is told as a range, and not told when too little is known."""

from booking.estimates import UNKNOWN, Pace, estimate, pace

NOW = 1_764_000_000_000
MINUTE = 60_000


def every(minutes: int, calls: int) -> list[int]:
    return [NOW - n * minutes * MINUTE for n in range(calls)]


def test_steady_calls_give_a_narrow_range() -> None:
    found = estimate(pace(every(3, calls=10), NOW), people_ahead=4)

    assert (found.low_s, found.high_s, found.known) == (720, 900, True)


def test_uneven_calls_give_a_wide_range() -> None:
    uneven = [NOW - minutes * MINUTE for minutes in (0, 1, 6, 7, 12, 13, 18)]

    found = estimate(pace(uneven, NOW), people_ahead=2)

    assert (found.low_s, found.high_s) == (120, 900)


def test_five_gaps_are_enough_and_four_are_not() -> None:
    assert estimate(pace(every(3, calls=6), NOW), people_ahead=1).known
    assert estimate(pace(every(3, calls=5), NOW), people_ahead=1) == UNKNOWN


def test_nothing_is_said_when_nobody_has_called_for_long() -> None:
    assert pace(every(3, calls=10), NOW + 16 * MINUTE) is None


def test_a_slow_service_may_be_quiet_for_longer() -> None:
    assert pace(every(10, calls=10), NOW + 16 * MINUTE) == Pace(600, 600)


def test_only_the_last_twenty_calls_count() -> None:
    quick_now = every(1, calls=21) + [NOW - (20 + n * 30) * MINUTE for n in range(1, 20)]

    assert pace(quick_now, NOW) == Pace(60, 60)


def test_who_is_next_waits_for_one_call_at_most() -> None:
    found = estimate(Pace(60, 120), people_ahead=0)

    assert (found.low_s, found.high_s) == (0, 120)


def test_who_does_not_wait_has_no_estimate() -> None:
    assert estimate(Pace(60, 120), people_ahead=None) == UNKNOWN

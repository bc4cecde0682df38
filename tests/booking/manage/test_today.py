"""The day's curve, from visits to what the page says."""

from booking.manage.today import HOUR_MS, SLOT_MS, Visit, day_so_far

NINE = 9 * HOUR_MS
MINUTE = 60_000


def visit(came: int, *, called: int | None = None, ended: int | None = None, served: bool = True) -> Visit:
    """Minutes after nine; who was called is at the counter a minute later."""
    begun = None if called is None else called + 1
    return Visit(_at(came) or 0, _at(called), _at(begun), _at(ended), served=served and ended is not None)


def _at(minutes: int | None) -> int | None:
    return None if minutes is None else NINE + minutes * MINUTE


def test_a_day_without_anybody_has_no_curve() -> None:
    assert day_so_far([], NINE) is None


def test_each_half_hour_has_who_came_was_served_and_waited() -> None:
    visits = [visit(5, called=15, ended=20), visit(10, called=40, ended=50), visit(35, called=41, ended=95), visit(70)]
    today = day_so_far(visits, NINE + 100 * MINUTE)

    assert today is not None
    assert [(slot.came, slot.served) for slot in today.slots[:4]] == [(2, 1), (1, 1), (1, 0), (0, 1)]
    assert [slot.wait_ms and slot.wait_ms / MINUTE for slot in today.slots[:3]] == [10, 18, None]
    assert (today.came, today.served, today.busiest.start) == (4, 3, NINE)


def test_waits_and_servings_are_judged_by_the_middle_one() -> None:
    visits = [visit(0, called=10, ended=20), visit(0, called=12, ended=18), visit(0, called=50, ended=151)]
    today = day_so_far(visits, NINE + 200 * MINUTE)

    assert today is not None
    assert today.usual_wait_ms == 12 * MINUTE
    assert today.longest_wait_ms == 50 * MINUTE
    assert today.usual_serving_ms == 9 * MINUTE


def test_who_left_is_counted_as_come_and_not_as_served() -> None:
    today = day_so_far([visit(0, ended=20, served=False)], NINE + 30 * MINUTE)

    assert today is not None
    assert (today.came, today.served, today.usual_wait_ms) == (1, 0, None)


def test_the_curve_has_whole_hours_four_at_least_and_a_day_at_most() -> None:
    young, old = day_so_far([visit(20)], NINE + 21 * MINUTE), day_so_far([visit(0)], NINE + 40 * HOUR_MS)

    assert young is not None
    assert old is not None
    assert [young.slots[0].start, len(young.slots)] == [NINE, 8]
    assert [len(old.slots), old.slots[-1].start + SLOT_MS] == [48, NINE + 41 * HOUR_MS]

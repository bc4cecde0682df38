"""What is not named is the busiest."""

import pytest

from o2o.replay.recording import QueueDay, RecordingError, Snapshot
from o2o.replay.selection import select_days


def a_day(hall: str, date: str, people: int) -> QueueDay:
    snapshots = (Snapshot(480, 1, 0, None), Snapshot(485, 1, 0, people))
    return QueueDay(hall, date, "7", "Sales", "A", snapshots)


DAYS = [
    a_day("North", "2020-01-13", 5),
    a_day("North", "2020-01-14", 9),
    a_day("South", "2020-01-13", 12),
    a_day("South", "2020-01-14", 7),
]


@pytest.mark.parametrize(
    ("halls", "dates", "chosen"),
    [
        ([], [], ["South 13"]),
        (["North"], [], ["North 14"]),
        (["all"], [], ["North 13", "South 13"]),
        ([], ["2020-01-14"], ["North 14"]),
        ([], ["all"], ["South 13", "South 14"]),
        (["North"], ["all"], ["North 13", "North 14"]),
        (["all"], ["2020-01-14"], ["North 14", "South 14"]),
        (["North"], ["2020-01-13"], ["North 13"]),
    ],
)
def test_days_are_chosen_by_name_or_by_how_many_came(halls: list[str], dates: list[str], chosen: list[str]) -> None:
    assert [f"{day.hall} {day.date[-2:]}" for day in select_days(DAYS, halls, dates)] == chosen


@pytest.mark.parametrize(
    ("halls", "dates", "message"),
    [
        (["East"], [], "no hall East. It has North, South, or say all"),
        ([], ["2020-01-15"], "no date 2020-01-15. It has 2020-01-13, 2020-01-14, or say all"),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones(halls: list[str], dates: list[str], message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        select_days(DAYS, halls, dates)

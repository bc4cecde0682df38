"""Which halls and days of a recording are played."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from o2o.replay.moments import moments_of
from o2o.replay.recording import QueueDay, RecordingError

ALL = "all"


def select_days(days: Sequence[QueueDay], halls: Collection[str], dates: Collection[str]) -> list[QueueDay]:
    """Take the named halls and dates; "all" takes each, and none the busiest.

    Without a date the busiest day of the halls that are named, without a hall the busiest hall of the days that are
    named. Raises RecordingError for a name that is not there.
    """
    _check(halls, {day.hall for day in days}, "hall")
    _check(dates, {day.date for day in days}, "date")
    chosen = [day for day in days if _takes(halls, day.hall) and _takes(dates, day.date)]
    if not halls and not dates:
        hall, date = _busiest((day.hall, day.date, day) for day in chosen)
        return [day for day in chosen if (day.hall, day.date) == (hall, date)]
    if not halls:
        hall, _ = _busiest((day.hall, "", day) for day in chosen)
        return [day for day in chosen if day.hall == hall]
    if not dates:
        _, date = _busiest(("", day.date, day) for day in chosen)
        return [day for day in chosen if day.date == date]
    return chosen


def _takes(names: Collection[str], name: str) -> bool:
    return not names or ALL in names or name in names


def _check(names: Collection[str], known: Collection[str], what: str) -> None:
    unknown = sorted(set(names) - set(known) - {ALL})
    if unknown:
        raise RecordingError(
            f"The recording has no {what} {', '.join(unknown)}. It has {', '.join(sorted(known))}, or say all."
        )


def _busiest(days: Iterable[tuple[str, str, QueueDay]]) -> tuple[str, str]:
    people: Counter[tuple[str, str]] = Counter()
    for hall, date, day in days:
        people[hall, date] += len(moments_of(day).arrivals)
    return people.most_common(1)[0][0]

"""When a hall is open: hours that begin on days, less closures. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from halls.hours import ONE_DAY, Span, ends_next_day, instant

Reason = TypeVar("Reason")
Instants = tuple[datetime, datetime]
Because = tuple[datetime, datetime, Reason]

FEW_DAYS: Final = 10
DAYS_SEEN: Final = 400
"""An opening is looked for so far ahead, in two steps: nearly every hall opens within the few days."""
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


class DayPlan(NamedTuple, Generic[Reason]):
    """The hours that begin on a day, and why they are not the usual ones."""

    spans: Sequence[Span]
    reason: Reason | None = None


class Closed(NamedTuple, Generic[Reason]):
    """Closed from one moment until another, whatever the hours are."""

    start: datetime
    end: datetime
    reason: Reason | None = None


class Standing(NamedTuple, Generic[Reason]):
    """Open until then; or closed until then, and why. None is never, and an end of more than nine days is not exact."""

    open: bool
    until: datetime | None
    reason: Reason | None = None


class Timetable(Generic[Reason]):
    """The last answer is kept for as long as it is true: every arrival and every row of the finder asks."""

    def __init__(
        self, plan: Callable[[date], DayPlan[Reason]], closures: Iterable[Closed[Reason]], time_zone: str
    ) -> None:
        self._plan = plan
        self._closures = [closed for closed in closures if closed.start < closed.end]
        self._zone = ZoneInfo(time_zone)
        self._standing: Standing[Reason] = Standing(open=False, until=None)
        self._since = self._until = NEVER

    def standing(self, now: datetime) -> Standing[Reason]:
        """Open or closed at `now`, and until when.

        Hours that touch or overlap (22:00 to 24:00 and the next day's 00:00 to 02:00) are one stretch.
        """
        if not self._since <= now < self._until:
            self._standing, until = self._look(now)
            self._since, self._until = now, min(until, now + ONE_DAY)
        return self._standing

    def _look(self, now: datetime) -> tuple[Standing[Reason], datetime]:
        """How it stands, and until when nothing of that changes."""
        today = now.astimezone(self._zone).date()
        start, end = self._stretch(now, today)
        if start <= now:
            return Standing(open=True, until=end), end
        days = _days(today, 0, min(DAYS_SEEN, (start - now).days + 2))
        told = [because for because in self._reasons(days) if now < because[1] and because[0] < start]
        _, until, reason = min(told, key=lambda because: because[0]) if told else (now, start, None)
        return Standing(open=False, until=start if start < NEVER else None, reason=reason), min(start, until)

    def _stretch(self, now: datetime, today: date) -> Instants:
        """The open stretch that holds `now`, or else comes next."""
        for days in (FEW_DAYS, DAYS_SEEN):
            # A zone that skips a whole date can carry a night two dates on.
            for start, end in self._stretches(_days(today, -2, days), now):
                if now < end:
                    return start, end
        return NEVER, NEVER

    def _stretches(self, days: Iterable[date], now: datetime) -> Iterable[Instants]:
        stretches: Iterable[Instants] = _merged(sorted(self._spans(days)))
        for closed in self._closures:
            if now < closed.end:
                stretches = [piece for stretch in stretches for piece in _without(stretch, closed)]
        return stretches

    def _spans(self, days: Iterable[date]) -> Iterator[Instants]:
        for day in days:
            for span in self._plan(day).spans:
                start, end = self._instants(day, span)
                if start < end:  # The clocks can skip a whole span.
                    yield start, end

    def _reasons(self, days: Iterable[date]) -> Iterator[Because[Reason]]:
        """What keeps it closed: closures, and days that are not as usual, from their last hour on."""
        for closed in self._closures:
            if closed.reason is not None:
                yield closed.start, closed.end, closed.reason
        for day in days:
            spans, reason = self._plan(day)
            if reason is not None:
                start, end = self._instants(day, ("00:00", "24:00"))
                yield self._instants(day, spans[-1])[1] if spans else start, end, reason

    def _instants(self, day: date, span: Span) -> Instants:
        end = day + ONE_DAY if ends_next_day(span) else day
        return instant(day, span[0], self._zone), instant(end, span[1], self._zone)


def _days(today: date, first: int, last: int) -> Iterator[date]:
    return (today + timedelta(days=offset) for offset in range(first, last))


def _merged(spans: Iterable[Instants]) -> list[Instants]:
    merged: list[Instants] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _without(stretch: Instants, closed: Closed[Reason]) -> Iterator[Instants]:
    """What is left of an open stretch before and after a closure."""
    start, end = stretch
    if start < closed.start:
        yield start, min(end, closed.start)
    if closed.end < end:
        yield max(start, closed.end), end

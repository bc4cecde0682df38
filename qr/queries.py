"""Reads of what was scanned."""

from datetime import date
from typing import NamedTuple

from qr.models import CodeRecord, ScanCount
from qr.states import Agent, Source


class Scanned(NamedTuple):
    """How many times a code, by the id of its row, was scanned on one of its hall's days."""

    code: str
    day: date
    source: Source
    agent: Agent
    times: int


class Place(NamedTuple):
    """What a code was for, revoked or not."""

    kind: str
    place: str | None


async def scans_in_hall(hall: str, first: date, last: date) -> list[Scanned]:
    """Days from `first` to `last`, the latest first."""
    rows = ScanCount.filter(hall=hall, day__gte=first.isoformat(), day__lte=last.isoformat())
    return [
        Scanned(row.code, date.fromisoformat(row.day), Source(row.source), Agent(row.agent), row.count)
        for row in await rows.order_by("-day", "code", "source", "agent")
    ]


async def places_in_hall(hall: str) -> dict[str, Place]:
    """What each code of the hall is or was for, by the id of its row."""
    rows = await CodeRecord.filter(hall=hall).values_list("id", "kind", "place")
    return {code: Place(kind, place) for code, kind, place in rows}

"""Recorded halls as the service knows halls: valid ids, one service a queue, counters enough for the day."""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase
from typing import Any, Final

from o2o.replay.plan import QueuePlan

# An id has at most 40 characters, and a counter's is "replay-", the hall's with its date, and a number.
_LONGEST_NAME: Final = 16
_LONGEST_SERVICE: Final = 30
_LONGEST_TITLE: Final = 80
_LETTERS: Final = 3
_ZONE: Final = "Europe/Warsaw"
_WARSAW: Final = (52.2297, 21.0122)


@dataclass(frozen=True, slots=True)
class Line:
    """One queue in the service: its plan, the service's id and its counters' ids."""

    plan: QueuePlan
    service: str
    counters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One hall's day. `body` is what `PUT /api/v1/halls/{id}` takes."""

    id: str
    title: str
    lines: tuple[Line, ...]
    body: dict[str, Any]


def places_of(plans: Sequence[QueuePlan]) -> list[Place]:
    """Gather queues of the same hall and day into halls of their own."""
    days: dict[tuple[str, str], list[QueuePlan]] = {}
    for plan in plans:
        days.setdefault((plan.day.hall, plan.day.date), []).append(plan)
    taken: set[str] = set()
    return [_place(queues, taken) for _, queues in sorted(days.items())]


def _place(plans: list[QueuePlan], taken: set[str]) -> Place:
    hall, date = plans[0].day.hall, plans[0].day.date
    place_id = _unique(f"{_slug(hall, _LONGEST_NAME)}-{date}", taken)
    taken.add(place_id)
    counters = (f"replay-{place_id}-{number}" for number in count(1))
    services: set[str] = set()
    lines = []
    for plan in plans:
        service = _unique(_slug(plan.day.queue, _LONGEST_SERVICE), services)
        services.add(service)
        lines.append(Line(plan, service, tuple(next(counters) for _ in range(plan.counters))))
    title = f"{hall.replace('_', ' ')} {date}"
    return Place(place_id, title, tuple(lines), _body(title, lines))


def _body(title: str, lines: list[Line]) -> dict[str, Any]:
    prefixes = _prefixes(lines)
    numbered = ((counter, line.service) for line in lines for counter in line.counters)
    return {
        "name": title[:_LONGEST_TITLE],
        "lat": _WARSAW[0],
        "lon": _WARSAW[1],
        "time_zone": _ZONE,
        "hours": "always",
        "capacity": None,
        # Someone absent may come back at any time of the day.
        "rules": {"put_back_minutes": 1440},
        "services": [
            {"id": line.service, "prefix": prefixes[line.service], "name": line.plan.day.service[:_LONGEST_TITLE]}
            for line in lines
        ],
        "counters": [
            {"id": counter, "name": str(number), "services": [service]}
            for number, (counter, service) in enumerate(numbered, start=1)
        ],
    }


def _prefixes(lines: list[Line]) -> dict[str, str]:
    """Keep the recorded letters; where two queues of a hall share them the later one gets the next free ones."""
    prefixes: dict[str, str] = {}
    for line in lines:
        recorded = line.plan.day.prefix
        wanted = recorded if re.fullmatch(r"[A-Z]{1,3}", recorded) else ""
        if wanted and wanted not in prefixes.values():
            prefixes[line.service] = wanted
    for line in lines:
        if line.service not in prefixes:
            prefixes[line.service] = next(_free_prefixes(set(prefixes.values())))
    return prefixes


def _free_prefixes(taken: Container[str]) -> Iterator[str]:
    for length in range(1, _LETTERS + 1):
        for letters in product(ascii_uppercase, repeat=length):
            if "".join(letters) not in taken:
                yield "".join(letters)


def _slug(name: str, longest: int) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].rstrip("-") or "x"


def _unique(wanted: str, taken: Container[str]) -> str:
    number, chosen = 1, wanted
    while chosen in taken:
        number += 1
        chosen = f"{wanted}-{number}"
    return chosen

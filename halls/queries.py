"""Finding halls. Who waits is known above; those numbers are passed in."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from halls.position import Position
from halls.schemas import Estimate, Hall


class Found(NamedTuple):
    hall: Hall
    distance_m: float | None


class Load(NamedTuple):
    """How busy a hall is now; a service that is not named has nobody waiting and an estimate not known."""

    head_count: int
    waiting: Mapping[str, int]
    estimates: Mapping[str, Estimate]


NO_LOAD = Load(0, {}, {})


def find_halls(
    halls: Iterable[Hall], *, near: Position | None = None, text: str = "", service: str | None = None
) -> list[Found]:
    """The halls with every word of `text` in their names, address or id, and with that service: nearest first.

    Without a position, by id.
    """
    words = _folded(text).split()
    found = [
        Found(hall, hall.distance_m(*near) if near else None)
        for hall in halls
        if (service is None or hall.service(service)) and _has_all(hall, words)
    ]
    return sorted(found, key=lambda one: (one.distance_m or 0.0, one.hall.id))


def _has_all(hall: Hall, words: list[str]) -> bool:
    text = _folded(f"{hall.id}\n{hall.names.zh}\n{hall.names.en}\n{hall.address}")
    return all(word in text for word in words)


def _folded(text: str) -> str:
    """Full-width letters, ligatures and capitals all alike."""
    return unicodedata.normalize("NFKC", text).casefold()

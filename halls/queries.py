"""Finding halls. Who waits is known above; those numbers are passed in."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from halls.position import Position
from halls.schemas import Estimate, Hall
from halls.search import has_all, words_of


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
    halls: Iterable[Hall], *, near: Position | None = None, text: str = "", service: str = ""
) -> list[Found]:
    """The halls with every word of `text` in what is written of them, and with that service: nearest first.

    `service` is a service's id, or words of its name. Without a position the halls come by id.
    """
    words, asked = words_of(text), words_of(service)
    found = [
        Found(hall, hall.distance_m(*near) if near else None)
        for hall in halls
        if has_all(hall.searched, words) and (not service or _offers(hall, service, asked))
    ]
    return sorted(found, key=lambda one: (one.distance_m or 0.0, one.hall.id))


def _offers(hall: Hall, service: str, asked: list[str]) -> bool:
    return any(one.id == service or (asked and has_all(one.searched, asked)) for one in hall.services)

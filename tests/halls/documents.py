"""Halls as documents, for tests of halls."""

from typing import Any, Final

import msgspec

from halls.assembly import assemble
from halls.hall import Hall
from halls.schemas import HallInput

DOCUMENT: Final[dict[str, Any]] = {
    "names": {"zh-CN": "和平营业厅", "en": "Heping hall"},
    "address": "天津市和平区",
    "lat": 39.1162,
    "lon": 117.2084,
    "services": [
        {"id": "sim", "prefix": "A", "names": {"zh-CN": "手机卡", "en": "SIM cards"}},
        {"id": "bill", "prefix": "B", "name": "Bills"},
    ],
    "counters": [{"id": "heping-1", "name": "1"}, {"id": "heping-2", "name": "2", "services": ["bill"]}],
}


def hall_input(**changes: Any) -> HallInput:
    return msgspec.convert({**DOCUMENT, **changes}, HallInput)


def hall(hall_id: str = "heping", **changes: Any) -> Hall:
    return assemble(hall_id, hall_input(**changes), rev=1)


def week(*spans: tuple[str, str]) -> dict[str, list[tuple[str, str]]]:
    """The same spans on every day."""
    return {day: list(spans) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}

"""A hall as a snapshot shows it, and what may be told of it."""

from datetime import UTC, datetime
from typing import Any

from o2o.live import Event, Snapshot

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SIM = {"service": "sim", "name": "手机卡", "names": {"zh-CN": "手机卡", "en": "SIM cards"}, "numbers": ["A002", "A003"]}
STATE: dict[str, Any] = {
    "hall": {
        "id": "heping",
        "names": {"zh-CN": "和平区营业厅", "en": "Heping hall"},
        "time_zone": "Asia/Shanghai",
        "join_url": "https://hall.example/q/e3Ba2OQaxlsb52w7Pz-Li5BfPsUA3z_p?s=display",
        "counters": [{"id": f"heping-{n}", "name": str(n)} for n in range(1, 5)],
    },
    "calling": [],
    "calls": [],
    "waiting": {"sim": 2},
    "next": [SIM],
    "head_count": 2,
}
BOARD = {"waiting": {"sim": 1}, "next": [SIM | {"numbers": ["A003"]}], "head_count": 2}


def snapshot(**changed: Any) -> Snapshot:
    return Snapshot("1", 1, STATE | changed)


def call(number: str = "A001", counter: str = "heping-3", at: datetime = NOON, state: str = "called") -> dict[str, Any]:
    return {"id": number, "number": number, "service": "sim", "state": state, "counter": counter, "at": at.isoformat()}


def called(number: str = "A001", counter: str = "heping-3", at: datetime = NOON) -> Event:
    return Event("1", 2, "ticket.called", call(number, counter, at) | {"board": BOARD})


def served(number: str = "A001") -> Event:
    return Event("1", 3, "ticket.serving", call(number, state="serving") | {"board": BOARD})

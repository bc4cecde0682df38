"""How busy a hall is, in a few numbers: what the announcements keep of it in Redis. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import msgspec

from booking.order import callers, newcomer
from booking.schemas import PauseRow
from halls.hall import Hall
from halls.pause import Paused, Words

NOT_LOADED: Final = (0, 0)


class Summary(NamedTuple):
    """`lines` are how many wait by (service, class), without those bound to a counter, who are in `waiting` too."""

    head_count: int
    waiting: Mapping[str, int]
    lines: Mapping[tuple[str, str], int]
    open: Collection[str]
    shares: Mapping[str, int]
    pause: PauseRow | None
    version: tuple[int, int]

    @property
    def is_loaded(self) -> bool:
        """Whether Redis has the hall: nobody seems to be in one that was lost."""
        return self.version != NOT_LOADED

    def ahead_of_newcomer(self, hall: Hall, service: str) -> int:
        """How many would be called before somebody who came now, without a class of their own."""
        rules = hall.rules
        ahead = []
        for profile in callers(hall, service, self.open):
            standard = sum(self.lines.get((one, rules.classes[0]), 0) for one in profile.services)
            everybody = sum(self.lines.get((one, name), 0) for one in profile.services for name in rules.classes)
            rule = (rules.priority_calls, self.shares.get(profile.id, 0))
            ahead.append(newcomer(standard, everybody - standard, rule))
        return min(ahead, default=self.waiting.get(service, 0))


def read_summary(fields: Mapping[bytes, bytes]) -> Summary:
    """The summary as `announce.lua` keeps it; one that is not there is an empty hall."""
    waiting: Counter[str] = Counter()
    lines: dict[tuple[str, str], int] = {}
    for key, value in fields.items():
        name, _, rest = key.decode().partition(":")
        if name in {"waiting", "bound"}:
            service, _, class_ = rest.partition(":")
            waiting[service] += int(value)
            if name == "waiting":
                lines[service, class_] = int(value)
    return Summary(
        head_count=int(fields.get(b"head_count", 0)),
        waiting={service: count for service, count in waiting.items() if count},
        lines=lines,
        open=_named(fields, "open").keys(),
        shares={profile: int(calls) for profile, calls in _named(fields, "share").items()},
        pause=read_pause(fields.get(b"pause")),
        version=(int(fields.get(b"epoch", 0)), int(fields.get(b"version", 0))),
    )


def read_pause(text: bytes | None) -> PauseRow | None:
    """The pause in force, if any."""
    pause = _pause.decode(text) if text else None
    return pause if pause and (pause.issuing or pause.calling) else None


def as_words(row: PauseRow | None) -> Paused | None:
    """The pause as it is shown."""
    if row is None:
        return None
    message = msgspec.json.decode(row.message, type=Words) if row.message else None
    return Paused(issuing=row.issuing, calling=row.calling, message=message, since=row.since)


def _named(fields: Mapping[bytes, bytes], name: str) -> dict[str, bytes]:
    prefix = f"{name}:".encode()
    return {key.removeprefix(prefix).decode(): value for key, value in fields.items() if key.startswith(prefix)}


_pause = msgspec.json.Decoder(PauseRow)

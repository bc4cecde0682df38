"""What a run leaves for the judge: what was acknowledged, shown and found at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ack:
    """One change of a ticket that the service acknowledged. Moments are seconds of one steady clock."""

    hall: str
    event: str
    ticket: str
    number: str
    service: str
    state: str
    version: int
    counter: str | None = None
    to: str | None = None
    sent: float = 0.0


@dataclass(frozen=True, slots=True)
class Shown:
    """One event as the display got it; `ticket` is None for events about counters and the hall."""

    version: int
    event: str
    ticket: str | None
    state: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Final:
    """A ticket as HTTP gives it after the run."""

    number: str
    state: str
    version: int
    hall: str
    service: str


@dataclass(slots=True)
class Screen:
    """A hall's display. A jump is a snapshot: from the version known before it to its own."""

    hall: str
    jumps: list[tuple[int, int]] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    picture: Any = None


@dataclass(slots=True)
class Phone:
    """A ticket's live page: the last state it was told."""

    ticket: str
    number: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """`fresh` is the picture that a display gets which comes only now; `record` is SQL's, where it can be read."""

    acks: Sequence[Ack]
    finals: dict[str, Final | None]
    screens: Sequence[Screen] = ()
    fresh: dict[str, Any] = field(default_factory=dict)
    phones: Sequence[Phone] = ()
    record: dict[str, tuple[str, str]] | None = None

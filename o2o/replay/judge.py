"""Says what a run lost, doubled, put out of order or left unequal. Pure: a history in, sentences out."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Final

from o2o.replay.history import Ack, History, Screen, Shown

ENDS: Final = frozenset({"completed", "no_show", "left"})
_BEFORE: Final = {
    "ticket.issued": frozenset({"new"}),
    "ticket.called": frozenset({"waiting"}),
    "ticket.recalled": frozenset({"called"}),
    "ticket.serving": frozenset({"called"}),
    "ticket.completed": frozenset({"serving"}),
    "ticket.no_show": frozenset({"called"}),
    "ticket.requeued": frozenset({"called", "no_show"}),
    "ticket.left": frozenset({"waiting", "called"}),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence for each thing that is wrong. `skipped` numbers are told, not wrong: a crash may leave a gap."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    skipped: int = 0

    @property
    def right(self) -> bool:
        return not (self.lost or self.doubled or self.out_of_order or self.unequal)


def judge(history: History) -> Verdict:
    verdict = Verdict(
        lost=[*_lost_at_the_end(history), *_never_shown(history)],
        doubled=[*_given_twice(history), *_given_to_nobody(history), *_done_by_nobody(history)],
        unequal=[*_unequal_screens(history), *_unequal_phones(history), *_unequal_record(history)],
        skipped=_skipped(history),
    )
    for _, acks in groupby(sorted(history.acks, key=attrgetter("hall", "version")), key=attrgetter("hall")):
        _Hall(verdict).relive(list(acks))
    return verdict


class _Hall:
    """Relives one hall's acknowledged changes in the order of their versions."""

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self._states: dict[str, str] = {}
        self._lines: dict[str, list[Ack]] = defaultdict(list)
        self._at_counter: dict[str, Ack] = {}
        self._serials: dict[str, int] = {}

    def relive(self, acks: list[Ack]) -> None:
        for earlier, later in pairwise(acks):
            if earlier.version == later.version:
                self._verdict.doubled.append(
                    f"{later.hall}: version {later.version} was given to {_act(earlier)} and to {_act(later)}"
                )
        for ack in acks:
            self._check_step(ack)
            self._move(ack)
            self._states[ack.ticket] = ack.state

    def _check_step(self, ack: Ack) -> None:
        state = self._states.get(ack.ticket, "new")
        if state not in _BEFORE[ack.event]:
            self._verdict.doubled.append(f"{ack.hall}: {_act(ack)} although it was {state}")

    def _move(self, ack: Ack) -> None:
        line = self._lines[ack.service]
        match ack.event:
            case "ticket.issued":
                self._check_rising(ack)
                line.append(ack)
            case "ticket.called":
                self._check_turn(ack, line)
                self._take(ack)
            case "ticket.requeued":
                self._free(ack)
                line.insert(0 if ack.to == "first" else len(line), ack)
            case "ticket.completed" | "ticket.no_show" | "ticket.left":
                self._free(ack)
                _drop(line, ack.ticket)

    def _check_rising(self, ack: Ack) -> None:
        serial = _serial(ack.number)
        last = self._serials.get(ack.service, 0)
        if serial <= last:
            self._verdict.out_of_order.append(f"{ack.hall}: {ack.number} was given after serial {last}")
        self._serials[ack.service] = max(serial, last)

    def _check_turn(self, ack: Ack, line: list[Ack]) -> None:
        if line and line[0].ticket != ack.ticket:
            self._verdict.out_of_order.append(f"{ack.hall}: {ack.number} was called before {line[0].number}")
        _drop(line, ack.ticket)

    def _take(self, ack: Ack) -> None:
        if ack.counter is None:
            return
        present = self._at_counter.get(ack.counter)
        if present is not None:
            self._verdict.doubled.append(
                f"{ack.hall}: {ack.counter} called {ack.number} while {present.number} was there"
            )
        self._at_counter[ack.counter] = ack

    def _free(self, ack: Ack) -> None:
        for counter, present in list(self._at_counter.items()):
            if present.ticket == ack.ticket:
                del self._at_counter[counter]


def _lost_at_the_end(history: History) -> Iterator[str]:
    for ack in _last_acks(history).values():
        final = history.finals.get(ack.ticket)
        if final is None:
            yield f"{ack.hall}: {ack.number} was given and is not there"
        elif final.state != ack.state:
            yield f"{ack.hall}: {ack.number} was {ack.state} and is now {final.state}"
        elif final.number != ack.number:
            yield f"{ack.hall}: {ack.number} is now {final.number}"
        elif final.version < ack.version:
            yield f"{ack.hall}: {ack.number} is at version {final.version}, acknowledged was {ack.version}"


def _never_shown(history: History) -> Iterator[str]:
    screens = {screen.hall: screen for screen in history.screens}
    shown = {hall: {(event.version, event.ticket): event for event in screen.shown} for hall, screen in screens.items()}
    for ack in history.acks:
        screen = screens.get(ack.hall)
        if screen is None or not _was_watching(screen, ack.version):
            continue
        told = shown[ack.hall].get((ack.version, ack.ticket))
        if told is None or (told.event, told.state) != (ack.event, ack.state):
            yield f"{ack.hall}: {_act(ack)} at version {ack.version}, and the display was told {_told(told)}"


def _was_watching(screen: Screen, version: int) -> bool:
    """A snapshot stands for the events that it jumped over; before the first the display saw nothing."""
    return bool(screen.jumps) and not any(before < version <= after for before, after in screen.jumps)


def _given_twice(history: History) -> Iterator[str]:
    holders: dict[tuple[str, str], set[str]] = defaultdict(set)
    for ack in history.acks:
        holders[ack.hall, ack.number].add(ack.ticket)
    for (hall, number), tickets in holders.items():
        if len(tickets) > 1:
            yield f"{hall}: {number} was given to {len(tickets)} people"


def _given_to_nobody(history: History) -> Iterator[str]:
    """A second ticket of one that was asked for once, when the first answer was lost."""
    for ticket, (number, state) in (history.record or {}).items():
        if ticket not in history.finals:
            yield f"SQL has {number} {state}, which nobody was given"


def _done_by_nobody(history: History) -> Iterator[str]:
    done = {(ack.hall, ack.version, ack.ticket) for ack in history.acks}
    for screen in history.screens:
        for event in screen.shown:
            if event.event.startswith("ticket.") and (screen.hall, event.version, event.ticket) not in done:
                act = event.event.removeprefix("ticket.")
                yield f"{screen.hall}: the display was told {act} at version {event.version}, which nobody did"


def _unequal_screens(history: History) -> Iterator[str]:
    for screen in history.screens:
        fresh = history.fresh.get(screen.hall)
        if screen.picture != fresh:
            yield f"{screen.hall}: the display shows {screen.picture}, a new display {fresh}"


def _unequal_phones(history: History) -> Iterator[str]:
    for phone in history.phones:
        final = history.finals.get(phone.ticket)
        if final is None or (phone.number, phone.state) != (final.number, final.state):
            there = f"{final.number} {final.state}" if final else "no ticket"
            yield f"the phone shows {phone.number} {phone.state or 'nothing'}, the service has {there}"


def _unequal_record(history: History) -> Iterator[str]:
    if history.record is None:
        return
    for ticket, final in history.finals.items():
        kept = history.record.get(ticket)
        if final is not None and kept != (final.number, final.state):
            yield f"{final.hall}: HTTP says {final.number} {final.state}, SQL says {kept}"


def _skipped(history: History) -> int:
    serials: dict[tuple[str, str], set[int]] = defaultdict(set)
    for ack in history.acks:
        if ack.event == "ticket.issued":
            serials[ack.hall, ack.service].add(_serial(ack.number))
    return sum(max(some) - min(some) + 1 - len(some) for some in serials.values())


def _last_acks(history: History) -> dict[str, Ack]:
    return {ack.ticket: ack for ack in sorted(history.acks, key=attrgetter("version"))}


def _drop(line: list[Ack], ticket: str) -> None:
    line[:] = [ack for ack in line if ack.ticket != ticket]


def _serial(number: str) -> int:
    return int("".join(character for character in number if character.isdigit()))


def _told(shown: Shown | None) -> str:
    return f"{shown.event.removeprefix('ticket.')}, {shown.state}" if shown else "nothing"


def _act(ack: Ack) -> str:
    return f"{ack.number} {ack.event.removeprefix('ticket.')}{f' at {ack.counter}' if ack.counter else ''}"

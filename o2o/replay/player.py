"""Plays one queue's day: people, counters and calls in the recorded order, each over HTTP."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from o2o.replay.client import Answer, RefusedError, Service
from o2o.replay.journal import Journal
from o2o.replay.pace import TO_THE_COUNTER_S, Pace
from o2o.replay.places import Line, Place
from o2o.replay.plan import Act, Fate, Kind

# The part of the North American numbering plan that is kept for fiction: 555-0100 to 555-0199 in every area.
_AREAS: Final = (202, 212, 213, 305, 312, 404, 415, 503, 512, 602, 617, 702, 713, 801, 808, 907, 919, 971, 206, 303)

Seat = tuple[str, str, int]
"""A person of a run: hall, service, and place in the queue's plan."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What all players of a run share; `watch` is told of each ticket when it is given."""

    service: Service
    journal: Journal
    pace: Pace
    watch: Callable[[Seat, Mapping[str, Any]], None]


def fictional_phones() -> Iterator[str]:
    """Give numbers that ring nowhere, 2,000 different ones in turn."""
    for number in count():
        yield f"+1{_AREAS[number // 100 % len(_AREAS)]}55501{number % 100:02}"


class LinePlayer:
    """One queue's acts in their order; what follows a call goes on at its counter beside them."""

    def __init__(self, stage: Stage, place: Place, line: Line, phones: Iterator[str]) -> None:
        self._stage = stage
        self._service = stage.service
        self._journal = stage.journal
        self._pace = stage.pace
        self._hall = place.id
        self._line = line
        self._phones = phones
        self._closed = list(reversed(line.counters))
        self._free: asyncio.Queue[str] = asyncio.Queue()
        self._tickets: dict[int, str] = {}
        self._people: dict[str, int] = {}
        self._waiting: set[str] = set()
        self._called: set[str] = set()
        self._parted: dict[str, asyncio.Event] = {}

    async def play(self) -> None:
        async with asyncio.TaskGroup() as counters:
            for act in self._line.plan.acts:
                await self._pace.until(act.at)
                await self._do(act, counters)
        for ticket in list(self._waiting):
            await self._leave(ticket)

    async def _do(self, act: Act, counters: asyncio.TaskGroup) -> None:
        match act.kind:
            case Kind.OPEN:
                await self._open()
            case Kind.CLOSE:
                await self._close()
            case Kind.ARRIVE:
                await self._arrive(act.who)
            case Kind.LEAVE:
                await self._leave(self._tickets.get(act.who, ""))
            case Kind.CALL | Kind.CALL_AGAIN:
                await self._call(act.serving_s, counters)
            case Kind.PUT_BACK:
                await self._put_back(act.who)

    async def _open(self) -> None:
        counter = self._closed.pop()
        await self._try("POST", f"/counters/{counter}/opening", {})
        self._free.put_nowait(counter)

    async def _close(self) -> None:
        counter = await self._free.get()
        await self._try("DELETE", f"/counters/{counter}/opening")
        self._closed.append(counter)

    async def _arrive(self, who: int) -> None:
        body = {"service": self._line.service}
        if self._line.plan.people[who].phone:
            body["phone"] = next(self._phones)
        answer = await self._try("POST", f"/halls/{self._hall}/tickets", body)
        if answer is None:
            return
        ticket = answer.data
        self._journal.note("ticket.issued", answer)
        self._journal.tokens[ticket["id"]] = ticket["token"]
        self._waiting.add(ticket["id"])
        self._tickets[who] = ticket["id"]
        self._people[ticket["id"]] = who
        self._parted[ticket["id"]] = asyncio.Event()
        self._stage.watch((self._hall, self._line.service, who), ticket)

    async def _leave(self, ticket: str) -> None:
        """Leave the line; whoever was called earlier than recorded stays and is served."""
        if ticket in self._waiting:
            self._waiting.remove(ticket)
            await self._act(ticket, "cancellation", "ticket.left", token=self._journal.tokens[ticket])

    async def _call(self, serving_s: float, counters: asyncio.TaskGroup) -> None:
        counter = await self._free.get()
        answer = await self._try("POST", f"/counters/{counter}/calls", {})
        if answer is None or answer.data is None:
            self._free.put_nowait(counter)
            if answer and self._waiting:
                self._journal.unmet.append(f"{counter}: nobody was called while {len(self._waiting)} waited")
            return
        self._journal.note("ticket.called", answer, counter=counter)
        ticket = answer.data["id"]
        counters.create_task(self._serve(counter, ticket, self._fate_of(ticket), serving_s))

    def _fate_of(self, ticket: str) -> Fate:
        """Whoever is called a second time has come back and is served."""
        self._waiting.discard(ticket)
        again = ticket in self._called or ticket not in self._people
        self._called.add(ticket)
        return Fate.SERVED if again else self._line.plan.people[self._people[ticket]].fate

    async def _serve(self, counter: str, ticket: str, fate: Fate, serving_s: float) -> None:
        await self._pace.pause(min(TO_THE_COUNTER_S, serving_s / 4))
        match fate:
            case Fate.ABSENT | Fate.RETURNED:
                await self._act(ticket, "recall", "ticket.recalled")
                await self._pace.pause(TO_THE_COUNTER_S)
                await self._act(ticket, "no-show", "ticket.no_show")
            case Fate.DEFERRED:
                await self._requeue(ticket, "last")
            case Fate.SERVED | Fate.LEFT:
                await self._act(ticket, "start", "ticket.serving")
                await self._pace.pause(serving_s)
                await self._act(ticket, "completion", "ticket.completed")
        if ticket in self._parted:
            self._parted[ticket].set()
        self._free.put_nowait(counter)

    async def _put_back(self, who: int) -> None:
        ticket = self._tickets.get(who, "")
        if ticket not in self._called:
            return
        await self._parted[ticket].wait()
        if self._line.plan.people[who].fate is Fate.RETURNED:
            await self._requeue(ticket, "first")

    async def _requeue(self, ticket: str, to: str) -> None:
        # Known as waiting before the answer is here: a counter may call it again in between.
        self._waiting.add(ticket)
        answer = await self._try("POST", f"/tickets/{ticket}/requeue", {"to": to})
        if answer:
            self._journal.note("ticket.requeued", answer, to=to)

    async def _act(self, ticket: str, action: str, event: str, *, token: str | None = None) -> None:
        answer = await self._try("POST", f"/tickets/{ticket}/{action}", {}, token=token)
        if answer:
            self._journal.note(event, answer)

    async def _try(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, token: str | None = None
    ) -> Answer | None:
        """Give the answer; a refusal, which a played day should never meet, is told at the end instead."""
        try:
            return await self._service.ask(method, path, body, token=token)
        except RefusedError as refusal:
            self._journal.refusals.append(str(refusal))
            return None

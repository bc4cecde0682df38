"""The counter's side: calling, serving, and what becomes of those who are not there."""

from typing import Any, Final

from booking.schemas import CallTicket, Complete, Requeue
from booking.service.carrying import restore
from booking.service.line import Change, Line, ticket_of
from booking.states import Action
from halls.errors import CounterNotFoundError
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.journal import Refusal

NOBODY: Final = "nobody_waits"
CALLED: Final = "ticket.called"


class Calling:
    def __init__(self, line: Line, stock: Stockroom) -> None:
        self._line = line
        self._stock = stock

    async def call(
        self, counter_id: str, wish: CallTicket, attempt: Attempt, *, anywhere: bool = False
    ) -> Change | None:
        """Call the person whose turn it is at this counter, or a chosen one; None when nobody waits.

        Whoever was being served there is done, also when nobody waits. Of two counters that press together each gets
        another ticket: one script takes and marks. `anywhere`: also at a counter that somebody else has opened.
        Raises NotFoundError, CounterClosedError, CounterOccupiedError, HallPausedError, CounterBusyError,
        WrongStateError.
        """
        hall, counter = await self._line.directory.counter(counter_id)
        args = {"counter": counter.id, "ticket": wish.ticket, "reason": wish.reason, "any": anywhere or None}
        answer = await self._line.submit(hall, Action.CALL, args, attempt)
        if isinstance(answer, Change):
            return answer if answer.name == CALLED else None
        if answer.code == NOBODY:
            return None
        raise await self._line.why_not(answer, hall, Action.CALL, wish.ticket)

    async def recall(self, ticket: str, attempt: Attempt) -> Change:
        return await self._line.act(ticket, Action.RECALL, {}, attempt)

    async def start(self, ticket: str, attempt: Attempt) -> Change:
        return await self._line.act(ticket, Action.START, {}, attempt)

    async def complete(self, ticket: str, wish: Complete, attempt: Attempt) -> Change:
        return await self._line.act(ticket, Action.COMPLETE, {"outcome": wish.outcome}, attempt)

    async def no_show(self, ticket: str, attempt: Attempt) -> Change:
        return await self._line.act(ticket, Action.NO_SHOW, {}, attempt)

    async def requeue(self, ticket: str, wish: Requeue, attempt: Attempt) -> Change:
        """Put back a called ticket, or a no-show for as long as the hall's rule allows. Raises PutBackTooLateError.

        What a no-show's ticket carried is held for it again, if it is still to be had.
        """
        args = {"to": wish.to, "places": wish.places, "reason": wish.reason}
        change = await self._line.act(ticket, Action.REQUEUE, args, attempt)
        await restore(self._stock, ticket_of(change), attempt)
        return change

    async def open_counter(self, counter_id: str, attempt: Attempt, *, take_over: bool = False) -> Change | None:
        """A clerk takes the counter; None when it is theirs already.

        Raises CounterOccupiedError when another clerk has it and it is not to be taken over.
        """
        return await self._counter(counter_id, "open_counter", {"take_over": take_over or None}, attempt)

    async def close_counter(self, counter_id: str, attempt: Attempt, *, anywhere: bool = False) -> Change | None:
        """None when it is closed already. `anywhere`: also one that somebody else has opened.

        Raises CounterBusyError while it has a ticket, CounterOccupiedError.
        """
        return await self._counter(counter_id, "close_counter", {"any": anywhere or None}, attempt)

    async def _counter(self, counter_id: str, verb: str, args: dict[str, Any], attempt: Attempt) -> Change | None:
        hall, counter = await self._line.directory.counter(counter_id)
        answer = await self._line.submit(hall, verb, {"counter": counter.id} | args, attempt)
        if isinstance(answer, Refusal) and answer.code == "unchanged":
            return None
        if isinstance(answer, Refusal) and answer.code == "unknown_counter":  # It was taken away a moment ago.
            raise CounterNotFoundError
        if isinstance(answer, Refusal):
            raise await self._line.why_not(answer, hall, Action.CALL)
        return answer

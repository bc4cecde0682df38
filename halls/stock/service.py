"""The verbs of stock. Each, repeated with the same operation, gives the same answer and counts once.

What is answered is committed in SQL. While Redis or SQL is away they raise UnavailableError: unknown whether it
happened, and the same operation settles it. Another body under one operation is an IdempotencyKeyReusedError.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from halls.stock.crowd import Crowds, Wish
from halls.stock.desks import Desks
from halls.stock.errors import (
    AllocationEndedError,
    AllocationNotFoundError,
    HoldEndedError,
    HoldNotFoundError,
    OutOfStockError,
    SerialsMismatchError,
    SerialTakenError,
    refused,
)
from halls.stock.queries import allocation_row, has_arrived, hold_row, level, places_of_serials, serials_of
from halls.stock.schemas import Allocation, Hold, Level, Movement
from halls.stock.states import AllocationState, MovementKind
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import Operation
from o2o.kernel.i18n import _
from o2o.kernel.ids import timely_id
from o2o.kernel.journal import Entry, Refusal
from o2o.kernel.ledger import stored_event

R = TypeVar("R", Level, Hold, Allocation, Movement)

PLACES_KNOWN: Final = 50_000


class Stockroom:
    """What every place has, in this process; places share nothing, so that each is decided alone."""

    def __init__(self, desks: Desks) -> None:
        self.desks = desks
        self._place_of: dict[str, str] = {}
        self._crowds = Crowds(desks)

    async def receive(  # noqa: PLR0913 - what has come, where, for what reason
        self,
        place: str,
        sku: str,
        quantity: int,
        attempt: Attempt,
        *,
        reason: str | None = None,
        serials: Sequence[str] = (),
    ) -> Level:
        """Some have come. Raises PlaceNotFoundError, SerialTakenError, SerialsMismatchError."""
        _one_each(serials, quantity)
        await _nowhere_else(place, sku, serials, attempt)
        args = {"sku": sku, "quantity": quantity, "kind": MovementKind.RECEIVED, "reason": reason}
        return _row(await self.desks.act(place, "receive", args | _listed(serials), attempt), Level)

    async def count(self, place: str, sku: str, on_hand: int, attempt: Attempt, *, reason: str) -> Level:
        """So many were counted. Raises PlaceNotFoundError, StockCommittedError: more are held and allocated."""
        args = {"sku": sku, "on_hand": on_hand, "reason": reason}
        return _row(await self.desks.act(place, "count", args, attempt), Level)

    async def damage(  # noqa: PLR0913 - what is damaged, where, for what reason
        self, place: str, sku: str, quantity: int, attempt: Attempt, *, reason: str, serials: Sequence[str] = ()
    ) -> Level:
        """Some can't be sold any more. Raises PlaceNotFoundError, OutOfStockError, SerialUnknownError."""
        _one_each(serials, quantity)
        args = {"sku": sku, "quantity": quantity, "kind": MovementKind.DAMAGED, "reason": reason}
        return _row(await self.desks.act(place, "take_out", args | _listed(serials), attempt), Level)

    async def transfer(  # noqa: PLR0913 - what goes from where to where, for what reason
        self,
        source: str,
        target: str,
        sku: str,
        quantity: int,
        attempt: Attempt,
        *,
        reason: str,
        serials: Sequence[str] = (),
    ) -> Level:
        """Send some to another place; returns what the source has left.

        Two places are two decisions: what has left and not arrived when this breaks off arrives when it is repeated,
        or by the job. Raises InvalidError when it is there already, PlaceNotFoundError, OutOfStockError,
        SerialUnknownError.
        """
        if source == target:
            raise InvalidError(_("It is in that place already."), field="to")
        _one_each(serials, quantity)
        await self.desks.places.get(target)
        args = {"sku": sku, "quantity": quantity, "kind": MovementKind.TRANSFERRED, "reason": reason, "other": target}
        sent = await self.desks.act(source, "take_out", args | _listed(serials), attempt)
        await self.arrive(_row(sent, Movement), quantity, attempt, serials=serials)
        return _row(sent, Level)

    async def arrive(
        self,
        sent: Movement,
        quantity: int,
        attempt: Attempt,
        *,
        serials: Sequence[str] = (),
        subject: str | None = None,
    ) -> Level:
        """The other half of what went from one place to another; of several who do it one does."""
        if await has_arrived(sent):
            return await level(sent.other or "", sent.sku)
        args = {"sku": sent.sku, "quantity": quantity, "kind": sent.kind, "reason": sent.reason}
        args |= {"other": sent.place, "pair": sent.id, "subject": subject}
        step = Attempt(Operation(f"arrived:{sent.id}", ""), attempt.actor, attempt.received)
        return _row(await self.desks.act(sent.other or "", "receive", args | _listed(serials), step), Level)

    async def hold(  # noqa: PLR0913 - what is kept, where, for whom
        self,
        place: str,
        sku: str,
        quantity: int,
        attempt: Attempt,
        *,
        holder: str,
        hall: str | None = None,
        most: int | None = None,
        beside: int | None = None,
    ) -> Hold:
        """Keep some for somebody for ten minutes. `hall` is where they are; `most`: so many of it one person may have.

        They may have `beside` holds more than usual: those for the other lines of the same order.

        Raises PlaceNotFoundError, OutOfStockError, LimitPerPersonError, TooManyHoldsError.
        """
        left = await self._crowds.left_for(place, sku, Wish(attempt.operation.id, quantity))
        if left is not None:
            raise refused(OutOfStockError.code, {"available": left}, attempt.received)
        args = {"id": timely_id(attempt.received), "sku": sku, "quantity": quantity, "holder": holder}
        args |= {"hall": hall, "most": most, "beside": beside}
        try:
            return self._remembered(_row(await self.desks.act(place, "hold", args, attempt), Hold))
        except OutOfStockError as error:
            self._crowds.gather(place, sku, error.details["available"])
            raise

    def is_rushed(self, place: str, sku: str, quantity: int) -> bool:
        """Whether somebody was refused so many a moment ago."""
        return self._crowds.is_gathered(place, sku, quantity)

    async def turned_away(self, place: str, sku: str, wishes: Collection[Wish]) -> Mapping[Wish, int | None]:
        """Judge attempts to `hold` together: for each how many there are when that is too few, or None: `hold` judges.

        It does when there is enough, and when what was held is asked for again.
        """
        return await self._crowds.judge(place, sku, wishes)

    async def extend(self, hold_id: str, attempt: Attempt, *, ticket: str | None = None) -> Hold:
        """Whoever has it is still about: ten minutes from now, within the cap; a ticket may carry it from now on.

        Raises HoldNotFoundError, HoldEndedError.
        """
        return _row(await self._on_hold(hold_id, "extend", {"ticket": ticket}, attempt), Hold)

    async def release(self, hold_id: str, attempt: Attempt, *, why: str) -> Hold:
        """Let go of it before its time. Raises HoldNotFoundError, HoldEndedError."""
        return _row(await self._on_hold(hold_id, "release", {"why": why}, attempt), Hold)

    async def allocate(self, hold_id: str, attempt: Attempt, *, line: str) -> Allocation:
        """An order's line gets what was held, under the hold's id. Raises HoldNotFoundError, HoldEndedError."""
        return _row(await self._on_hold(hold_id, "allocate", {"line": line}, attempt), Allocation)

    async def deallocate(self, allocation_id: str, attempt: Attempt, *, why: str) -> Allocation:
        """The order ended before anything left. Raises AllocationNotFoundError, AllocationEndedError."""
        return _row(await self._on_allocation(allocation_id, "deallocate", {"why": why}, attempt), Allocation)

    async def hand_over(self, allocation_id: str, attempt: Attempt, *, serials: Sequence[str] = ()) -> Allocation:
        """It leaves the place. Raises AllocationNotFoundError, AllocationEndedError, SerialUnknownError."""
        if serials and (row := await allocation_row(allocation_id)):
            _one_each(serials, row.quantity)
        return _row(await self._on_allocation(allocation_id, "hand_over", _listed(serials), attempt), Allocation)

    async def take_back(
        self, allocation_id: str, attempt: Attempt, *, place: str, saleable: bool, reason: str
    ) -> Level:
        """What was handed over has come back to `place`, whose level this returns; once only.

        Raises PlaceNotFoundError, AllocationNotFoundError, AllocationEndedError.
        """
        await self.desks.places.get(place)
        row = await allocation_row(allocation_id)
        if row is None:
            raise AllocationNotFoundError
        if row.state not in {AllocationState.HANDED_OVER, AllocationState.RETURNED}:
            raise AllocationEndedError(row.state)
        pieces = await serials_of(allocation_id) if saleable else []
        comes = row.quantity if saleable else 0
        if place == row.place:
            return _row(await self._returned(row, {"comes": comes, **_listed(pieces)}, reason, attempt), Level)
        back = await self._returned(row, {"comes": 0, "other": place if saleable else None}, reason, attempt)
        if not saleable:
            return await level(place, row.sku)
        return await self.arrive(_row(back, Movement), comes, attempt, serials=pieces, subject=row.id)

    async def _returned(self, row: Allocation, args: dict[str, Any], reason: str, attempt: Attempt) -> Entry:
        """Mark it as returned, by an operation that is the allocation's own: of two who take it back one does."""
        step = Attempt(Operation(f"returned:{row.id}", ""), attempt.actor, attempt.received)
        if row.state is AllocationState.RETURNED:
            stored = await stored_event(step.operation.id)
            back = msgspec.json.decode(stored, type=Entry) if stored else None
        else:  # Redis does not keep what has left.
            told = {"allocation": msgspec.to_builtins(row), "reason": reason, "by": attempt.operation.id, **args}
            back = await self.desks.act(row.place, "take_back", told, step)
        if back is None or back.facts["by"] != attempt.operation.id:
            raise AllocationEndedError(AllocationState.RETURNED)
        return back

    async def _on_hold(self, hold_id: str, verb: str, args: dict[str, Any], attempt: Attempt) -> Entry:
        place = await self._place(hold_id)
        if place is None:
            raise HoldNotFoundError
        answer = await self.desks.submit(place, verb, {"id": hold_id, **args}, attempt)
        if isinstance(answer, Refusal):
            row = await hold_row(hold_id)
            raise HoldEndedError(row.state) if row else HoldNotFoundError
        return answer

    async def _on_allocation(self, allocation_id: str, verb: str, args: dict[str, Any], attempt: Attempt) -> Entry:
        place = await self._place(allocation_id)
        if place is None:
            raise AllocationNotFoundError
        answer = await self.desks.submit(place, verb, {"id": allocation_id, **args}, attempt)
        if isinstance(answer, Entry):
            return answer
        if answer.code != "unknown_allocation":
            raise refused(answer.code, answer.details, to_ms(self.desks.clock()))
        row = await allocation_row(allocation_id)
        raise AllocationEndedError(row.state) if row else AllocationNotFoundError

    async def _place(self, hold_id: str) -> str | None:
        """Where a hold is, and the allocation that it became."""
        if hold_id not in self._place_of and (row := await hold_row(hold_id)):
            self._remembered(row)
        return self._place_of.get(hold_id)

    def _remembered(self, hold: Hold) -> Hold:
        if len(self._place_of) >= PLACES_KNOWN:
            self._place_of.clear()
        self._place_of[hold.id] = hold.place
        return hold


async def _nowhere_else(place: str, sku: str, serials: Sequence[str], attempt: Attempt) -> None:
    """A piece that is in stock elsewhere can't come; who repeats what brought it is answered all the same.

    Of two places that get the same piece at one moment SQL's key refuses one.
    """
    found = await places_of_serials(sku, serials)
    elsewhere = sorted(serial for serial, at in found.items() if at != place)
    if elsewhere and await stored_event(attempt.operation.id) is None:
        raise refused(SerialTakenError.code, {"serial": elsewhere[0]}, attempt.received)


def _one_each(serials: Sequence[str], quantity: int) -> None:
    if serials and len(set(serials)) != quantity:
        raise SerialsMismatchError


def _listed(serials: Sequence[str]) -> dict[str, Any]:
    return {"serials": list(serials)} if serials else {}


def _row(entry: Entry, kind: type[R]) -> R:
    """What the change left, as the entry has it."""
    return msgspec.convert(entry.rows[kind.__name__.lower()], kind)

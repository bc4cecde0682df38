"""The line of every hall in this process: one desk a hall, and the way a verb goes through it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from redis.exceptions import RedisError

from booking.errors import refused, ticket_not_found
from booking.estimates import CALLS_USED, Pace, estimate, pace
from booking.picture import Picture, Shown
from booking.profiles import pool
from booking.queries import HallSnapshot, recent_calls, ticket_row, ticket_rows
from booking.rounds import Rounds
from booking.schemas import CounterRow, TicketRow
from booking.states import STEPS, Action, TicketState
from booking.store import Due, HallStore, read_due, read_shown, read_summaries
from booking.summary import Summary, as_words
from halls.hall import Hall
from halls.queries import Load
from halls.service import Directory
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.desk import Desk
from o2o.kernel.errors import InvalidError, UnavailableError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Entry, Refusal
from o2o.kernel.ledger import Ledger, stored_event
from o2o.kernel.redis import RedisPair
from o2o.kernel.sharing import Shared
from o2o.kernel.together import Together
from o2o.kernel.touched import Touched

T = TypeVar("T")

TOUCHED: Final = "o2o:touched"
PACE_MS: Final = 10_000  # A service's pace is found anew this often; between two calls it hardly changes.
TICKETS_KNOWN: Final = 50_000
HALLS_PER_ONE_IN_USE: Final = 1_000  # With more halls than that to each in use, by night, the line rests.


@dataclass(frozen=True, slots=True)
class Change:
    """A committed change: its event's name, the rows that it left, and what only its answer needs."""

    name: str
    ticket: TicketRow | None
    counter: CounterRow | None
    ahead: int | None
    pace: Pace | None


class Line:
    def __init__(self, directory: Directory, redis: RedisPair, ledger: Ledger, clock: Clock) -> None:
        self.directory = directory
        self.clock = clock
        self._redis = redis
        self._touched = Touched(TOUCHED, clock)
        self._together = Together(redis.mutate, self._touched)
        self._ledger = ledger
        self._desks: dict[str, Desk[HallSnapshot]] = {}
        self._stores: dict[str, HallStore] = {}
        self._hall_of: dict[str, str] = {}
        self._loads = Shared(self._read_loads)
        self._tickets = Shared(ticket_rows)
        self.rounds = Rounds(self._touched)
        self._paces: dict[tuple[str, ...], tuple[int, Pace | None]] = {}

    async def submit(self, hall: Hall, verb: str, args: dict[str, Any], attempt: Attempt) -> Change | Refusal:
        """Carry out a verb in a hall. Raises UnavailableError (unknown), IdempotencyKeyReusedError."""
        answer = await self.desk(hall).submit(attempt.command(verb, args))
        return answer if isinstance(answer, Refusal) else self._change(hall, answer)

    async def act(
        self,
        ticket: str,
        action: Action,
        args: dict[str, Any],
        attempt: Attempt,
        check: Callable[[Hall], object] = lambda _hall: None,
    ) -> Change:
        """Carry out an action on one ticket. Raises NotFoundError, WrongStateError and the action's own conflicts.

        `check` raises InvalidError for a hall that has not got what the action names.
        """
        hall = await self.hall_of(ticket)
        await self.judged(hall, check, attempt)
        answer = await self.submit(hall, action.value, {"id": ticket, **args}, attempt)
        if isinstance(answer, Change):
            return answer
        check(self.directory.known(hall.id))  # It was taken away a moment ago.
        raise await self.why_not(answer, hall, action, ticket)

    async def why_not(self, refusal: Refusal, hall: Hall, action: Action, ticket: str | None = None) -> Exception:
        """The error for a refusal. A ticket that Redis has forgotten is at an end; SQL knows at which."""
        if refusal.code != "unknown_ticket":
            return refused(refusal.code, refusal.details)
        row = await ticket_row(ticket) if ticket else None
        if row is None or row.hall != hall.id:
            return ticket_not_found()
        if row.state not in STEPS[action].sources:
            return refused("wrong_state", {"state": row.state})
        if row.state is TicketState.NO_SHOW:  # Redis keeps it for its day.
            return refused("put_back_too_late", {})
        return ticket_not_found()

    async def judged(self, hall: Hall, check: Callable[[Hall], T], attempt: Attempt) -> T | None:
        """What `check` says of the hall; where it raises InvalidError, what it says of the hall as SQL has it now.

        So nothing is refused that another process has added to the hall meanwhile. None for a repeat of what was done
        before the hall was changed so that `check` refuses it.
        """
        try:
            return check(hall)
        except InvalidError:
            return await self._judged_anew(hall, check, attempt)

    async def _judged_anew(self, hall: Hall, check: Callable[[Hall], T], attempt: Attempt) -> T | None:
        latest = await self.directory.refresh(hall.id)
        try:
            return check(latest)
        except InvalidError:
            if await stored_event(attempt.operation.id) is None:
                raise
            return None

    async def hall_of(self, ticket: str) -> Hall:
        """The hall that a ticket is of. Raises TicketNotFoundError."""
        known = self._hall_of.get(ticket)
        if known is None:
            row = await ticket_row(ticket)
            if row is None:
                raise ticket_not_found()
            known = self._remember(ticket, row.hall)
        return await self.directory.get(known)

    async def ticket(self, ticket: str) -> TicketRow | None:
        """The ticket as SQL has it, by one reading for all who ask.

        Only for ids that are known to be some: one that SQL can't take would fail the reading for everybody.
        """
        (row,) = await self._tickets.get((ticket,))
        return row

    async def pace_of(self, hall: Hall, service: str) -> Pace | None:
        """How fast those are being called who stand in one line with the service's; found anew every ten seconds."""
        services = pool(hall, service)
        await self._find_paces([(hall, services)])
        return self._paces[hall.id, *services][1]

    async def loads(self, halls: Sequence[Hall]) -> list[Load]:
        """How busy each hall is, as last announced, with the wait of someone who came now."""
        return await self._loads.get(halls)

    async def picture(self, hall: Hall) -> Picture | None:
        """The committed state at one instant. A hall that Redis has lost is loaded first; None where that fails."""
        store = self.store(hall)
        picture = await store.picture()
        if picture is None:
            await self._try_to_rebuild(hall)
            picture = await store.picture()
        return picture

    async def due(self) -> list[tuple[Hall, Due]]:
        """What waits to be done for each hall of a round. Raises UnavailableError."""
        known = await self.directory.all()
        try:
            halls = await self.rounds.to_look_at(self._redis.mutate, known)
            return list(zip(halls, await read_due(self._redis.read, halls, self.clock()), strict=True))
        except (RedisError, OSError) as error:
            raise UnavailableError(_("The halls can't be looked at just now."), retry_after=1) from error

    async def shown(self, halls: Sequence[str]) -> list[Shown | None]:
        """Up to where each of these halls is announced; None where Redis does not say. Raises RedisError."""
        return await read_shown(self._redis.read, halls)

    async def _read_loads(self, halls: Collection[Hall]) -> Mapping[Hall, Load]:
        summaries = await self._summaries(halls)
        pools = {hall: {service.id: pool(hall, service.id) for service in hall.services} for hall in halls}
        await self._find_paces({(hall, services) for hall in halls for services in pools[hall].values()})
        return {hall: self._load(hall, pools[hall], found) for hall, found in zip(halls, summaries, strict=True)}

    async def _summaries(self, halls: Collection[Hall]) -> list[Summary]:
        """How busy each is. A hall that Redis has lost would look empty: it is loaded first, if that can be done."""
        ids = [hall.id for hall in halls]
        found = await read_summaries(self._redis.read, ids)
        lost = [hall for hall, summary in zip(halls, found, strict=True) if not summary.is_loaded]
        if lost:
            await self._rebuild_lost(lost)
            found = await read_summaries(self._redis.read, ids)
        return found

    async def _rebuild_lost(self, halls: Collection[Hall]) -> None:
        await asyncio.gather(*(self._try_to_rebuild(hall) for hall in halls))

    async def _try_to_rebuild(self, hall: Hall) -> None:
        with suppress(UnavailableError):
            await self.desk(hall).sweep()

    def _load(self, hall: Hall, pools: Mapping[str, tuple[str, ...]], summary: Summary) -> Load:
        ahead = {service: summary.ahead_of_newcomer(hall, service) for service in pools}
        paces = {service: self._paces[hall.id, *services][1] for service, services in pools.items()}
        estimates = {service: estimate(paces[service], people) for service, people in ahead.items()}
        return Load(summary.head_count, summary.waiting, estimates, as_words(summary.pause), summary.version, ahead)

    async def _find_paces(self, lines: Collection[tuple[Hall, tuple[str, ...]]]) -> None:
        """Find those anew that were found too long ago, all by one question."""
        now = to_ms(self.clock())
        if not (stale := [line for line in lines if self._is_stale(*line, now)]):
            return
        asked = [(hall.id, hall.business_day(self.clock()).isoformat(), services) for hall, services in stale]
        for (hall_id, _day, services), calls in zip(asked, await recent_calls(asked, CALLS_USED), strict=True):
            self._paces[hall_id, *services] = (now, pace(calls, now))

    def _is_stale(self, hall: Hall, services: tuple[str, ...], now: int) -> bool:
        found_at, _pace = self._paces.get((hall.id, *services), (0, None))
        return now - found_at > PACE_MS

    def desk(self, hall: Hall) -> Desk[HallSnapshot]:
        if hall.id not in self._desks:
            self._desks[hall.id] = Desk(self.store(hall), self._ledger)
        return self._desks[hall.id]

    def store(self, hall: Hall) -> HallStore:
        if hall.id not in self._stores:
            self._stores[hall.id] = HallStore(*self._configuration(hall.id), self._redis, self._together, self.clock)
        return self._stores[hall.id]

    async def rests(self) -> bool:
        """Whether within the last second something has begun in one of a thousand halls at most. Raises RedisError."""
        in_use = await self._touched.count(self._redis.read)
        return in_use * HALLS_PER_ONE_IN_USE <= len(await self.directory.all())

    async def close(self) -> None:
        """Finish what is under way at every desk."""
        for desk in self._desks.values():
            await desk.close()

    def _configuration(self, hall: str) -> tuple[Callable[[], Hall], Callable[[], Awaitable[object]]]:
        return lambda: self.directory.known(hall), lambda: self.directory.reread(hall)

    def _change(self, hall: Hall, entry: Entry) -> Change:
        ticket, counter = entry.rows.get("ticket"), entry.rows.get("counter")
        quick_and_slow = entry.facts.get("pace")
        if ticket:
            self._remember(ticket["id"], hall.id)
        return Change(
            name=entry.name,
            ticket=msgspec.convert(ticket, TicketRow) if ticket else None,
            counter=msgspec.convert(counter, CounterRow) if counter else None,
            ahead=entry.facts.get("ahead"),
            pace=Pace(*quick_and_slow) if quick_and_slow else None,
        )

    def _remember(self, ticket: str, hall: str) -> str:
        if len(self._hall_of) >= TICKETS_KNOWN:
            self._hall_of.clear()
        self._hall_of[ticket] = hall
        return hall


def ticket_of(change: Change) -> TicketRow:
    """The ticket that a ticket's verb changed."""
    if change.ticket is None:
        message = "a ticket's verb changed no ticket"
        raise AssertionError(message)
    return change.ticket


def as_data(found: Pace | None) -> list[float] | None:
    """A pace as the scripts carry it along, so that a repeat is answered with the same estimate."""
    return [found.quick_s, found.slow_s] if found else None

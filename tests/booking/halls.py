"""A hall with real SQLite and Redis, and the processes that serve it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from booking.models import TABLES, TicketRecord
from booking.schemas import (
    Because,
    CallTicket,
    Classify,
    Complete,
    Pause,
    Postpone,
    Requeue,
    TakeNumber,
    TicketRow,
    Transfer,
)
from booking.service.arrivals import Arrivals
from booking.service.calling import Calling
from booking.service.days import reset_yesterday, tell_of_revision
from booking.service.line import Change, Line, ticket_of
from booking.service.moving import Moving
from booking.service.pausing import pause
from booking.states import Action
from halls.schemas import HallInput
from halls.service import Directory, put_hall
from halls.stock.desks import Desks
from halls.stock.places import Places
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.database import open_database
from o2o.kernel.errors import UnavailableError
from o2o.kernel.http import Operation
from o2o.kernel.ledger import Ledger
from o2o.kernel.models import Event
from o2o.kernel.redis import open_redis
from o2o.kernel.signing import Signer
from tests.booking.looking import Looking
from tests.serving import MovableClock

HALL = {
    "name": "Heping",
    "lat": 39.1,
    "lon": 117.2,
    "services": [{"id": "sim", "prefix": "A", "name": "SIM"}, {"id": "bill", "prefix": "B", "name": "Bills"}],
    "counters": [{"id": f"heping-{n}", "name": str(n)} for n in range(1, 17)],
}
CLERK = "staff:clerk1"
ROADS: dict[str, tuple[Action, ...]] = {
    "waiting": (),
    "called": (Action.CALL,),
    "serving": (Action.CALL, Action.START),
    "completed": (Action.CALL, Action.START, Action.COMPLETE),
    "no_show": (Action.CALL, Action.NO_SHOW),
    "parked": (Action.PARK,),
    "left": (Action.LEAVE,),
    "cancelled": (Action.CANCEL,),
    "reset": (Action.RESET,),
}
"""How a new ticket comes into each state."""


def hall_input(**changes: object) -> HallInput:
    return msgspec.convert({**HALL, **changes}, HallInput)


class Process(Looking):
    """One process of the service: its own memory of halls, epochs and clocks, the same SQL and Redis."""

    def __init__(self, line: Line, ledger: Ledger, stock: Stockroom, clock: MovableClock) -> None:
        self.line = line
        self.ledger = ledger
        self.clock = clock
        self.arrivals = Arrivals(line, Signer(["a key for tests, of no worth elsewhere"]), stock)
        self.calling = Calling(line, stock)
        self.moving = Moving(line)
        self.told: dict[str, int] = {}
        """How many were said to be ahead of a ticket when it was last moved."""

    def attempt(self, key: str | None = None, actor: str = CLERK, body: str = "") -> Attempt:
        return Attempt(Operation(key or secrets.token_urlsafe(16), body), actor, to_ms(self.clock()))

    async def take(
        self, key: str | None = None, *, service: str = "sim", hall: str = "heping", **wish: str | None
    ) -> TicketRow:
        asked = msgspec.convert({"service": service, **wish}, TakeNumber)
        return ticket_of(await self.arrivals.take_number(hall, asked, self.attempt(key, "anonymous")))

    async def take_confirmed(self, key: str, wish: dict[str, Any]) -> TicketRow:
        """As staff take it for somebody: whatever class they say is so."""
        asked = msgspec.convert(wish, TakeNumber)
        return self.heard(await self.arrivals.take_number("heping", asked, self.attempt(key), confirmed=True))

    def heard(self, change: Change) -> TicketRow:
        row = ticket_of(change)
        if change.ahead is not None:
            self.told[row.id] = change.ahead
        return row

    async def take_as(self, class_: str, service: str = "sim") -> TicketRow:
        """A number that staff give to somebody of a class."""
        return await self.take_confirmed(secrets.token_urlsafe(16), {"service": service, "class": class_})

    async def take_patiently(self) -> TicketRow:
        """As a customer's phone does it: a 503 is asked again with the same key."""
        key = secrets.token_urlsafe(16)
        for _ in range(20):
            try:
                return await self.take(key)
            except UnavailableError:
                await asyncio.sleep(0.1)
        raise AssertionError("no number in two seconds")

    async def open(self, *counters: str, clerk: str = CLERK, take_over: bool = False) -> None:
        for counter in counters or ("heping-1",):
            await self.calling.open_counter(counter, self.attempt(actor=clerk), take_over=take_over)

    async def shut(self, counter: str = "heping-1", clerk: str = CLERK) -> Change | None:
        return await self.calling.close_counter(counter, self.attempt(actor=clerk))

    async def call(
        self, counter: str = "heping-1", key: str | None = None, ticket: str | None = None, clerk: str = CLERK
    ) -> TicketRow | None:
        change = await self.calling.call(counter, CallTicket(ticket), self.attempt(key, clerk))
        return ticket_of(change) if change else None

    async def called(self, counter: str = "heping-1") -> TicketRow:
        """The next in line, who is surely there."""
        row = await self.call(counter)
        assert row is not None
        return row

    async def serve(self, counter: str = "heping-1") -> TicketRow | None:
        """Call, start and complete the next; None when nobody waits."""
        row = await self.call(counter)
        if row is None:
            return None
        await self.calling.start(row.id, self.attempt())
        return ticket_of(await self.calling.complete(row.id, Complete(), self.attempt()))

    async def requeue(self, row: TicketRow, to: str = "last", places: int | None = None) -> TicketRow:
        wish = msgspec.convert({"to": to, "places": places}, Requeue)
        return self.heard(await self.calling.requeue(row.id, wish, self.attempt()))

    async def transfer(
        self, row: TicketRow, position: str = "age", service: str | None = None, counter: str | None = None
    ) -> TicketRow:
        wish = msgspec.convert({"position": position, "service": service, "counter": counter}, Transfer)
        return self.heard(await self.moving.transfer(row.id, wish, self.attempt()))

    async def postpone(self, row: TicketRow, places: int = 1) -> TicketRow:
        return self.heard(await self.moving.postpone(row.id, Postpone(places), self.attempt(actor="customer")))

    async def classify(self, row: TicketRow, name: str = "priority") -> TicketRow:
        return self.heard(await self.moving.classify(row.id, Classify(name), self.attempt()))

    async def pause(self, *, issuing: bool = True, calling: bool = True) -> None:
        await pause(self.line, self.hall, Pause(issuing=issuing, calling=calling), self.attempt())

    async def leave(self, row: TicketRow) -> TicketRow:
        return ticket_of(await self.arrivals.leave(row.id, self.attempt(actor="customer")))

    async def calls(self, counter: str = "heping-1") -> list[str]:
        """The numbers of everybody who waits, in the order in which the counter calls them."""
        numbers = []
        while row := await self.serve(counter):
            numbers.append(row.number)
        return numbers

    async def ticket_in(self, state: str) -> TicketRow:
        """A new ticket, brought into the state at counter 1."""
        row = await self.take()
        await self.open()
        for action in ROADS[state]:
            row = await self.do(action, row)
        return row

    async def do(self, action: Action, row: TicketRow, counter: str = "heping-1") -> TicketRow:  # noqa: PLR0911 - a table
        match action:
            case Action.CALL:
                change = await self.calling.call(counter, CallTicket(row.id), self.attempt())
                assert change is not None
                return ticket_of(change)
            case Action.LEAVE:
                return await self.leave(row)
            case Action.REQUEUE:
                return await self.requeue(row)
            case Action.TRANSFER:
                return await self.transfer(row)
            case Action.POSTPONE:
                return await self.postpone(row)
            case Action.CLASSIFY:
                return await self.classify(row)
            case Action.PARK | Action.UNPARK | Action.CANCEL:
                verb = getattr(self.moving, action.value)
                return self.heard(await verb(row.id, Because(), self.attempt()))
            case Action.COMPLETE:
                return ticket_of(await self.calling.complete(row.id, Complete(), self.attempt()))
            case Action.RESET:
                await self.next_day()
                return await self.row(row)
            case _:
                return ticket_of(await self.act(action.value, row))

    async def next_day(self) -> None:
        """A day later, with yesterday's tickets ended."""
        self.clock.advance(days=1)
        await reset_yesterday(self.line, self.hall)

    async def configure(self, **changes: object) -> None:
        """Change the hall, as headquarters do. Other processes learn of it from the line."""
        hall, _new = await put_hall(self.line.directory, "heping", hall_input(**changes), now=self.clock(), actor="o2o")
        await tell_of_revision(self.line, hall)

    async def add_hall(self, hall_id: str, **changes: object) -> None:
        """Another hall, with a counter of its own."""
        given = hall_input(**{"counters": [{"id": f"{hall_id}-1", "name": "1"}], "name": hall_id, **changes})
        await put_hall(self.line.directory, hall_id, given, now=self.clock(), actor="o2o")

    async def act(self, verb: str, row: TicketRow) -> Change:
        change: Change = await getattr(self.calling, verb)(row.id, self.attempt())
        return change

    async def close(self) -> None:
        await self.line.close()
        await self.ledger.close()


@asynccontextmanager
async def process(redis_url: str, folder: Path, clock: MovableClock) -> AsyncIterator[Process]:
    """A process over the open database. What it has begun it finishes at the end."""
    async with open_redis(redis_url, folder) as redis:
        ledger = Ledger(TABLES)
        line = Line(Directory(), redis, ledger, clock)
        await line.directory.get("heping")
        stock = Stockroom(Desks(Places(line.directory), redis, ledger, clock))
        one = Process(line, ledger, stock, clock)
        try:
            yield one
        finally:
            await one.close()


@asynccontextmanager
async def hall(database_url: str, *, capacity: int | None = None, **changes: object) -> AsyncIterator[MovableClock]:
    """The hall `heping` in SQL; yields the clock that its processes share."""
    clock = MovableClock()
    async with open_database(database_url):
        await put_hall(Directory(), "heping", hall_input(capacity=capacity, **changes), now=clock(), actor="o2o")
        yield clock


@asynccontextmanager
async def processes(count: int, redis_url: str, folder: Path, clock: MovableClock) -> AsyncIterator[list[Process]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(process(redis_url, folder, clock)) for _ in range(count)]


async def numbers_in_sql() -> list[str]:
    return sorted([row["number"] for row in await TicketRecord.filter(hall="heping").values("number")])


async def events_in_sql(name: str) -> int:
    return await Event.filter(tag="hall:heping", name=name).count()


def in_a_row(count: int, prefix: str = "A") -> list[str]:
    return [f"{prefix}{serial:03d}" for serial in range(1, count + 1)]

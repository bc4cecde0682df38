"""The line against its model: whatever is done in whatever order, Redis, SQL, the board and the model agree."""

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from typing_extensions import override

from booking import jobs
from booking.schemas import TicketRow
from booking.states import Action
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from tests.booking.agreeing import all_agree
from tests.booking.halls import hall, processes
from tests.booking.model import COUNTERS, PREFIXES, Hall, RefusedError, Ticket
from tests.booking.test_states import ALLOWED
from tests.machines import Machine, Stage, staged, takes_every_step
from tests.stack import stack

CAPACITY = 6
# A few runs of many seeds go further than many runs of one, and always the same way.
LEAST = {"sqlite": 12, "postgres": 4}
SEEDS = range(29, 69)  # The first nine take every step there is; from 0 it was the 36th that did.
ANSWERS_KEPT_MS = 24 * 3600 * 1000
ACTIONS = ("recall", "start", "complete", "no_show", "leave", "cancel", "park", "unpark")

a_service = st.sampled_from(list(PREFIXES))
a_counter = st.sampled_from(list(COUNTERS))
a_class = st.sampled_from(["standard", "standard", "priority"])
a_place = st.sampled_from([("sim", None), ("bill", None), (None, None), (None, "heping-1"), (None, "heping-2")])
a_phone = st.sampled_from([None, "13800138000", "13900139000"])
a_clerk = st.sampled_from(["staff:clerk1", "staff:clerk2"])
who = st.integers(0, 1)
mostly = st.sampled_from([True, True, False])
nth = st.integers(0, 30)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as stage:
        yield stage


class LineMachine(Machine):
    @override
    async def begin(self, folder: Path) -> None:
        self.keys = count()
        self.repeatable: tuple[str, TicketRow] | None = None
        counters = [{"id": name, "name": name, "services": services} for name, services in COUNTERS.items()]
        begun = hall(stack.new_database(folder), capacity=CAPACITY, counters=counters)
        self.clock = await self.stack.enter_async_context(begun)
        self.two = await self.stack.enter_async_context(processes(2, self.stage.redis.url, folder, self.clock))
        self.model = Hall(CAPACITY, self.clock().date(), moves=self.stage.steps)
        await self.forget()

    async def forget(self) -> None:
        await self.two[0].line.store(self.two[0].hall)._redis.mutate.flushall()

    @initialize()
    def begin_with_people_and_an_open_counter(self) -> None:
        self.open(0, "heping-1", "staff:clerk1", take_over=False)
        for service, name in (("sim", "standard"), ("bill", "priority"), ("sim", "priority")):
            self.take(0, service, None, name, onwards=False)

    @rule(who=who, service=a_service, phone=a_phone, name=a_class, onwards=st.booleans())
    def take(self, who: int, service: str, phone: str | None, name: str, *, onwards: bool) -> None:
        key, rest = f"key {next(self.keys)}", ("bill",) if onwards else ()
        wish = {"class": name, "service": service, "phone": phone, "then": rest}
        row = self.agree(self.two[who].take_confirmed(key, wish), lambda: self.model.take(service, phone, name, rest))
        self.repeatable = (key, row) if row else self.repeatable

    @precondition(
        lambda self: self.repeatable and to_ms(self.clock()) < self.repeatable[1].created_at + ANSWERS_KEPT_MS
    )
    @rule(who=who)
    def repeat(self, who: int) -> None:
        assert self.repeatable is not None
        key, row = self.repeatable
        self.model.look(self.clock())
        assert self.run(self.two[who].take_confirmed(key, {"service": row.service})) == row
        self.two[who].told.clear()  # What was told then is told again; it need not be so now.

    @precondition(lambda self: self.able("call"))
    @rule(who=who, counter=a_counter)
    def call(self, who: int, counter: str) -> None:
        clerk = self.model.clerks.get(counter, "staff:clerk1")
        self.agree(self.two[who].call(counter, clerk=clerk), lambda: self.model.call(counter, None, clerk))

    @precondition(lambda self: any(self.model.at(counter) for counter in COUNTERS))
    @rule(who=who, comes=mostly)
    def attend(self, who: int, *, comes: bool) -> None:
        """What clerks do most: start with whoever was called, if they come, and complete."""
        ticket = next(one for one in self.model.tickets if one in map(self.model.at, COUNTERS))
        action = "complete" if ticket.state == "serving" else "start" if comes else "no_show"
        self.take_action(who, action, ticket)

    @precondition(lambda self: self.able("call"))
    @rule(who=who, counter=a_counter, clerk=a_clerk, nth=nth)
    def call_chosen(self, who: int, counter: str, clerk: str, nth: int) -> None:
        _, ticket = self.pick(nth, "call")
        chosen = self.two[who].call(counter, ticket=ticket.id, clerk=clerk)
        self.agree(chosen, lambda: self.model.call(counter, ticket, clerk))

    @precondition(lambda self: self.able(*ACTIONS))
    @rule(who=who, nth=nth)
    def act(self, who: int, nth: int) -> None:
        self.take_action(who, *self.pick(nth, *ACTIONS))

    @precondition(lambda self: self.model.tickets)
    @rule(who=who, action=st.sampled_from(ACTIONS), nth=nth)
    def act_whether_it_is_allowed_or_not(self, who: int, action: str, nth: int) -> None:
        self.take_action(who, action, self.model.tickets[nth % len(self.model.tickets)])

    @precondition(lambda self: self.able("requeue"))
    @rule(who=who, nth=nth, to=st.sampled_from(["first", "last", "places"]), places=st.integers(1, 4))
    def requeue(self, who: int, nth: int, to: str, places: int) -> None:
        _, ticket = self.pick(nth, "requeue")
        row = self.run(self.two[who].row_of(ticket.id))
        moved = partial(self.model.requeue, ticket, to, places)
        self.agree(self.two[who].requeue(row, to, places), lambda: moved(self.clock()))

    @precondition(lambda self: self.able("transfer"))
    @rule(who=who, nth=nth, place=a_place, position=st.sampled_from(["first", "last", "age"]))
    def transfer(self, who: int, nth: int, place: tuple[str | None, str | None], position: str) -> None:
        _, ticket = self.pick(nth, "transfer")
        row = self.run(self.two[who].row_of(ticket.id))
        self.agree(self.two[who].transfer(row, position, *place), lambda: self.model.transfer(ticket, *place, position))

    @precondition(lambda self: self.able("postpone"))
    @rule(who=who, nth=nth, places=st.integers(1, 3))
    def postpone(self, who: int, nth: int, places: int) -> None:
        _, ticket = self.pick(nth, "postpone")
        row = self.run(self.two[who].row_of(ticket.id))
        self.agree(self.two[who].postpone(row, places), lambda: self.model.postpone(ticket, places))

    @precondition(lambda self: self.able("classify"))
    @rule(who=who, nth=nth, name=a_class)
    def classify(self, who: int, nth: int, name: str) -> None:
        _, ticket = self.pick(nth, "classify")
        row = self.run(self.two[who].row_of(ticket.id))
        self.agree(self.two[who].classify(row, name), lambda: self.model.classify(ticket, name))

    @precondition(lambda self: self.model.paused or self.able("start"))
    @rule(who=who, issuing=st.booleans(), calling=st.booleans())
    def pause(self, who: int, *, issuing: bool, calling: bool) -> None:
        what = {name for name, stops in (("issuing", issuing), ("calling", calling)) if stops}
        self.agree(self.two[who].pause(issuing=issuing, calling=calling), lambda: self.model.pause(what))

    @precondition(lambda self: self.model.paused)
    @rule(who=who)
    def go_on(self, who: int) -> None:
        self.pause(who, issuing=False, calling=False)

    @precondition(lambda self: len(self.model.clerks) < len(COUNTERS) or self.able("start"))
    @rule(who=who, counter=a_counter, clerk=a_clerk, take_over=st.booleans())
    def open(self, who: int, counter: str, clerk: str, *, take_over: bool) -> None:
        opened = self.two[who].open(counter, clerk=clerk, take_over=take_over)
        self.agree(opened, lambda: self.model.open(counter, clerk, take_over=take_over))

    @precondition(lambda self: len(self.model.clerks) == len(COUNTERS))
    @rule(who=who, counter=a_counter, clerk=a_clerk)
    def shut(self, who: int, counter: str, clerk: str) -> None:
        self.agree(self.two[who].shut(counter, clerk), lambda: self.model.close(counter, clerk))

    @precondition(lambda self: self.model.tickets)
    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @precondition(lambda self: self.able("complete", "recall", "unpark"))
    @rule(who=who, soon=mostly)
    def midnight(self, who: int, *, soon: bool) -> None:
        self.clock.advance(days=1)
        if soon:
            self.settle(who)

    @precondition(lambda self: not self.model.lost and self.model.tickets)
    @rule()
    def redis_forgets(self) -> None:
        self.run(self.forget())
        self.model.lost = True

    @precondition(lambda self: self.model.lost or self.able("reset"))
    @rule(who=who)
    def settle(self, who: int) -> None:
        self.run(jobs.settle(self.two[who].line))
        self.model.look(self.clock())
        self.model.reset(self.clock())

    @invariant()
    def everything_agrees(self) -> None:
        self.run(all_agree(self.two, self.model, self.clock()))

    def able(self, *actions: str) -> dict[tuple[str, str], list[Ticket]]:
        """Which tickets may make which of the actions' moves."""
        moves = {move: [one for one in self.model.tickets if one.state == move[1]] for move in ALLOWED}
        return {move: tickets for move, tickets in moves.items() if tickets and move[0] in actions}

    def pick(self, nth: int, *actions: str) -> tuple[str, Ticket]:
        """Each possible move is as likely as the others, however many tickets may make it."""
        able = list(self.able(*actions).items())
        (action, _), tickets = able[nth % len(able)]
        return action, tickets[nth // len(able) % len(tickets)]

    def take_action(self, who: int, action: str, ticket: Ticket) -> None:
        row = self.run(self.two[who].row_of(ticket.id))
        self.agree(self.two[who].do(Action(action), row), lambda: self.expect(action, ticket))

    def expect(self, action: str, ticket: Ticket) -> Ticket:
        match action:
            case "complete":
                return self.model.complete(ticket, self.clock())
            case "unpark":
                return self.model.unpark(ticket)
            case _:
                return self.model.act(action, ticket, self.clock())

    def agree(self, work: Coroutine[Any, Any, Any], expected: Callable[[], Ticket | None]) -> TicketRow | None:
        """Line and model give the same ticket, or refuse alike."""
        self.model.look(self.clock())
        ticket, why = told(expected)
        row, code = self.run(heard(work))
        assert code == why
        assert isinstance(row, TicketRow) == (ticket is not None)
        if not ticket or not isinstance(row, TicketRow):
            return None
        ticket.id = ticket.id or row.id
        assert (row.id, row.number, row.state) == (ticket.id, ticket.number, ticket.state)
        self.told_ahead(row, ticket)
        return row

    def told_ahead(self, row: TicketRow, ticket: Ticket) -> None:
        """What the answer says of who is ahead is what the model says."""
        for one in self.two:
            if (ahead := one.told.pop(row.id, None)) is not None:
                assert ahead == self.model.ahead(ticket)


def told(expected: Callable[[], Ticket | None]) -> tuple[Ticket | None, str | None]:
    try:
        return expected(), None
    except RefusedError as refused:
        return None, refused.code


async def heard(work: Coroutine[Any, Any, Any]) -> tuple[Any, str | None]:
    try:
        return await work, None
    except DomainError as refused:
        return None, refused.code


@pytest.mark.slow(40)
def test_the_line_does_what_its_model_does_and_takes_every_step(stage: Stage) -> None:
    def complete() -> bool:
        return stage.steps == set(ALLOWED)

    assert takes_every_step(LineMachine, stage, complete, LEAST, SEEDS)

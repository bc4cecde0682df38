"""Stock against a small model: what is done to it in whatever order, over two processes, and what must agree then."""

from collections import Counter
from collections.abc import Coroutine
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from typing_extensions import override

from halls.models import StockMovement
from halls.stock import jobs
from halls.stock.inspection import differences
from halls.stock.states import HOLD_CAP_MS, HOLD_MS, HOLDS_PER_HOLDER
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.models import Event
from tests.halls.stock.model import Kept, Model
from tests.halls.stock.rooms import PLACES, SKU, Process, places, processes
from tests.machines import Machine
from tests.stack import stack

who = st.integers(0, 1)
a_place = st.sampled_from(PLACES)
a_holder = st.sampled_from(["li", "wang"])
some = st.integers(1, 5)
nth = st.integers(0, 30)


class StockMachine(Machine):
    @override
    async def begin(self, folder: Path) -> None:
        self.lines = count()
        self.repeatable: Any = None
        """What was received last: the attempt, how many, and the answer."""
        self.hoarded = False
        self.model = Model()
        self.clock = await self.stack.enter_async_context(places(stack.new_database(folder)))
        begun = processes(2, self.stage.redis.url, folder, self.clock)
        self.two: list[Process] = await self.stack.enter_async_context(begun)
        await self.two[0].forget()

    @override
    async def end(self) -> None:
        self.stage.steps |= set(await Event.all().distinct().values_list("name", flat=True))

    @property
    def now(self) -> int:
        return to_ms(self.clock())

    def said(self, work: Coroutine[Any, Any, Any]) -> tuple[Any, str | None]:
        """What came of it, or the refusal's code."""
        try:
            return self.run(work), None
        except DomainError as error:
            self.stage.refused.add(error.code)
            return None, error.code

    def pick(self, nth: int, *states: str) -> Kept:
        found = [one for one in self.model.kept if one.state in states]
        return found[nth % len(found)]

    def has(self, *states: str) -> bool:
        return any(one.state in states for one in self.model.kept)

    @rule(who=who, place=a_place, quantity=some)
    def receive(self, who: int, place: str, quantity: int) -> None:
        one, tried = self.two[who].stock, self.two[who].attempt()
        level = self.run(one.receive(place, SKU, quantity, tried))
        self.model.on_hand[place] += quantity
        self.repeatable = tried, quantity, level

    @precondition(lambda self: self.repeatable)
    @rule(who=who)
    def repeat(self, who: int) -> None:
        tried, quantity, level = self.repeatable
        assert self.run(self.two[who].stock.receive(level.place, SKU, quantity, tried)) == level

    @rule(who=who, place=a_place, on_hand=st.integers(0, 12))
    def count(self, who: int, place: str, on_hand: int) -> None:
        one = self.two[who]
        _, code = self.said(one.stock.count(place, SKU, on_hand, one.attempt(), reason="count"))
        self.model.let_go(place, self.now)
        _, allocated, held = self.model.counts(place)
        assert code == ("stock_committed" if on_hand < allocated + held else None)
        if code is None:
            self.model.on_hand[place] = on_hand

    @rule(who=who, place=a_place, quantity=some)
    def damage(self, who: int, place: str, quantity: int) -> None:
        one = self.two[who]
        _, code = self.said(one.stock.damage(place, SKU, quantity, one.attempt(), reason="broken"))
        self.model.let_go(place, self.now)
        assert code == ("out_of_stock" if self.model.available(place) < quantity else None)
        if code is None:
            self.model.on_hand[place] -= quantity

    @rule(who=who, source=a_place, goal=a_place, quantity=some)
    def transfer(self, who: int, source: str, goal: str, quantity: int) -> None:
        one = self.two[who]
        _, code = self.said(one.stock.transfer(source, goal, SKU, quantity, one.attempt(), reason="shelf"))
        if source == goal:
            assert code == "invalid"
            return
        self.model.let_go(source, self.now)
        assert code == ("out_of_stock" if self.model.available(source) < quantity else None)
        if code is None:
            self.model.on_hand[source] -= quantity
            self.model.on_hand[goal] += quantity

    @rule(who=who, place=a_place, quantity=st.integers(1, 3), holder=a_holder)
    def hold(self, who: int, place: str, quantity: int, holder: str) -> None:
        self.clock.advance(milliseconds=1)  # Who was there when a crowd was turned away is told the same.
        made, code = self.said(self.two[who].hold(quantity, place, who=holder))
        self.model.let_go(place, self.now)
        mine = [one for one in self.model.kept if (one.place, one.holder, one.state) == (place, holder, "active")]
        many, few = len(mine) >= HOLDS_PER_HOLDER, self.model.available(place) < quantity
        why = {"too_many_holds"} if many else set()
        why |= {"out_of_stock"} if few else set()
        assert code in why if why else code is None
        if code is None:
            self.model.kept.append(Kept(made.id, place, quantity, holder, self.now, self.now + HOLD_MS))

    @precondition(lambda self: not self.hoarded)
    @rule(who=who, place=a_place, holder=a_holder)
    def hoard(self, who: int, place: str, holder: str) -> None:
        """As many as one person may, and one more."""
        self.hoarded = True
        for _ in range(3):
            self.receive(who, place, 5)
        for _ in range(HOLDS_PER_HOLDER + 1):
            self.hold(who, place, 1, holder)

    @precondition(lambda self: self.has("active"))
    @rule(who=who, nth=nth)
    def stay_about(self, who: int, nth: int) -> None:
        """Somebody wants to keep it for longer than anybody may."""
        kept = self.pick(nth, "active")
        for _ in range(HOLD_CAP_MS // HOLD_MS + 1):
            self.end_hold(who, self.model.kept.index(kept), "extend")
            self.clock.advance(minutes=9)

    @precondition(lambda self: self.model.kept)
    @rule(who=who, nth=nth, verb=st.sampled_from(["extend", "release", "allocate", "allocate", "allocate"]))
    def end_hold(self, who: int, nth: int, verb: str) -> None:
        one, kept = self.two[who], self.model.kept[nth % len(self.model.kept)]
        told = {"extend": {}, "release": {"why": "left"}, "allocate": {"line": f"order/{next(self.lines)}"}}[verb]
        _, code = self.said(getattr(one.stock, verb)(kept.id, one.attempt(), **told))
        self.model.let_go(kept.place, self.now)
        assert code == (None if kept.state == "active" else "hold_ended")
        if code is None and verb == "extend":
            kept.ends_at = max(kept.ends_at, min(self.now + HOLD_MS, kept.made_at + HOLD_CAP_MS))
        elif code is None:
            kept.state = "released" if verb == "release" else "allocated"

    @precondition(lambda self: self.has("allocated", "handed_over"))
    @rule(who=who, nth=nth, verb=st.sampled_from(["deallocate", "hand_over"]))
    def end_allocation(self, who: int, nth: int, verb: str) -> None:
        one, kept = self.two[who], self.pick(nth, "allocated", "handed_over")
        told = {"why": "cancelled"} if verb == "deallocate" else {}
        _, code = self.said(getattr(one.stock, verb)(kept.id, one.attempt(), **told))
        assert code == (None if kept.state == "allocated" else "allocation_ended")
        if code is None and verb == "hand_over":
            self.model.on_hand[kept.place] -= kept.quantity
        if code is None:
            kept.state = "handed_over" if verb == "hand_over" else "let go"

    @precondition(lambda self: self.has("handed_over", "returned"))
    @rule(who=who, nth=nth, place=a_place, saleable=st.booleans())
    def take_back(self, who: int, nth: int, place: str, *, saleable: bool) -> None:
        one, kept = self.two[who], self.pick(nth, "handed_over", "returned")
        work = one.stock.take_back(kept.id, one.attempt(), place=place, saleable=saleable, reason="returned")
        _, code = self.said(work)
        assert code == (None if kept.state == "handed_over" else "allocation_ended")
        if code is None:
            kept.state = "returned"
            self.model.on_hand[place] += kept.quantity if saleable else 0

    @rule(minutes=st.integers(1, 12))
    def let_time_pass(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule(who=who)
    def settle(self, who: int) -> None:
        self.run(jobs.settle(self.two[who].stock))
        for place in PLACES:
            self.model.let_go(place, self.now)

    @rule()
    def lose_redis(self) -> None:
        self.run(self.two[0].forget())

    @invariant()
    def sql_and_redis_and_the_model_count_alike(self) -> None:
        self.run(self._compare())

    async def _compare(self) -> None:
        for place in PLACES:
            on_hand, allocated, held = await self.two[0].counts(place)
            assert (on_hand, allocated, held) == self.model.counts(place)
            assert min(allocated, held) >= 0
            assert allocated + held <= on_hand
            assert await differences(self.two[0].redis.read, place) == []
        moved = Counter[str]()
        for movement in await StockMovement.all():
            moved[movement.place] += movement.quantity
        assert moved == Counter(self.model.on_hand)

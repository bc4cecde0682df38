"""Orders and stock against a model: whatever is done in whatever order, states, stock and money are the model's.

Each step of an order's life is taken. The controls take a guard away: then the same runs find it out.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from httpx2 import Response
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from typing_extensions import override

from halls.stock.inspection import differences
from orders import jobs, paying
from orders.delivery import shipment_endpoints
from orders.models import LineRecord, MoneyEventRecord, OrderEventRecord, OrderRecord
from orders.service import moving
from orders.service.moving import EVENTS, ORDER_EVENTS
from orders.states import LINE_STEPS, ORDER_STEPS, StockState
from tests.machines import Machine, Stage, play_all, staged, takes_every_step
from tests.orders.order_model import DEEDS, Ordered, RefusedError, Shop
from tests.orders.shop import ADDRESS, ROUTES, a_wish, act, open_shop, order, owner, receive, stock_of
from tests.serving import serve

pytestmark = pytest.mark.slow

PLACES = ("heping", "nankai", "tianjin")
LEAST = {"sqlite": 4, "postgres": 2}
BODIES: dict[str, dict[str, Any]] = {
    "shipment": {"carrier": "shunfeng", "tracking": "SF1234567890"},
    "delivery-return": {"reason": "nobody at home"},
    "payment": {"method": "cash"},
    "cancellation": {"method": "cash"},
}
_LINES = {
    (EVENTS[action], str(source), str(step.target))
    for steps in LINE_STEPS.values()
    for action, step in steps.items()
    for source in step.sources
}
_ORDERS = {
    (ORDER_EVENTS[action], str(source), str(step.target))
    for action, step in ORDER_STEPS.items()
    for source in step.sources
}
EVERY = _LINES | _ORDERS
nth = st.integers(0, 60)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as stage:
        yield stage


class OrderMachine(Machine):
    @override
    async def begin(self, folder: Path) -> None:
        self.repeatable: tuple[Callable[[], Coroutine[Any, Any, Response]], Any] | None = None
        told = {"O2O_RATE_LIMITS": "off", "O2O_REDIS_URL": self.stage.redis.url}
        begun = serve(folder, [*ROUTES, *shipment_endpoints.routes], **told)
        self.service = await self.stack.enter_async_context(begun)
        await self.forget()
        await open_shop(self.service, **dict.fromkeys(PLACES, 4))
        hall = await self.service.state["directory"].get("heping")
        self.model = Shop(dict.fromkeys(PLACES, 4), hall.rules.pickup_hours)
        self.staff = await self.service.signed_in("hq")

    @override
    async def end(self) -> None:
        events = await OrderEventRecord.filter(source__isnull=False).values_list("name", "source", "target")
        self.stage.steps |= set(map(tuple, events)) & EVERY

    async def forget(self) -> None:
        await self.service.state["redis"].mutate.flushall()

    @rule(place=st.sampled_from(PLACES), quantity=st.integers(1, 4))
    def receive(self, place: str, quantity: int) -> None:
        self.run(receive(self.service, place, quantity))
        self.model.on_hand[place] += quantity

    @rule(
        hall=st.sampled_from(PLACES[:2]),
        way=st.sampled_from(["auto", "pickup", "delivery"]),
        quantity=st.integers(1, 3),
    )
    def order(self, hall: str, way: str, quantity: int) -> None:
        wish, key = a_wish(quantity, way, hall=hall, address=ADDRESS), secrets.token_hex(10)
        answer = self.ask(lambda: order(self.service.client(), wish, key))
        try:
            fulfilment, place = self.model.source(hall, way, quantity)
        except RefusedError:
            assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
            return
        assert answer.status_code == 201, answer.text
        made = answer.json()
        (line,), total = made["lines"], int(made["total"]["amount"].replace(".", ""))
        assert (line["fulfilment"], line["place"]) == (fulfilment, place)
        until = self.model.now + self.model.hours
        code = made.get("pickup_code", "")
        self.model.orders.append(Ordered(made["id"], fulfilment, place, quantity, total, made["token"], code, until))

    @precondition(lambda self: self.possible())
    @rule(some=st.lists(nth, min_size=1, max_size=5))
    def act(self, some: list[int]) -> None:
        """What people do most: one thing that can be done after another."""
        for nth in some:
            if possible := self.possible():
                self.do(*possible[nth % len(possible)])

    @precondition(lambda self: self.model.orders)
    @rule(nth=nth, deed=st.sampled_from(list(DEEDS)))
    def act_whether_it_is_allowed_or_not(self, nth: int, deed: str) -> None:
        self.do(deed, self.pick(nth))

    @precondition(lambda self: any(one.payment == "paid" for one in self.model.orders))
    @rule(
        nth=nth, units=st.sampled_from([0, 0, 1, 2]), goods=st.sampled_from(["saleable", "saleable", "damaged", "kept"])
    )
    def refund(self, nth: int, units: int, goods: str) -> None:
        """So many units, or (0) the whole line, of an order that was paid."""
        paid = [one for one in self.model.orders if one.payment == "paid"]
        one = paid[nth % len(paid)]
        units = units or one.quantity
        body = {"method": "cash", "reason": "broken", "lines": [{"line": 1, "quantity": units, "goods": goods}]}
        key = secrets.token_hex(10)
        answer = self.ask(lambda: act(self.staff, one.id, "refund", key, **body))
        self.agree(answer, lambda: self.model.refund(one, units, goods))

    @precondition(lambda self: self.repeatable)
    @rule()
    def repeat(self) -> None:
        assert self.repeatable is not None
        asked, before = self.repeatable
        answer = self.run(asked())
        assert answer.status_code in {200, 201}
        assert answer.json() == before

    @rule(hours=st.sampled_from([1, 1, 60]))
    def let_time_pass(self, hours: int) -> None:
        self.service.clock.advance(hours=hours)
        self.model.now += hours
        self.staff, self.repeatable = self.run(self.service.signed_in("hq")), None
        self.run(jobs.put_back(self.service.state))
        self.model.put_back()

    @rule()
    def lose_redis(self) -> None:
        self.run(self.forget())

    @invariant()
    def everything_agrees(self) -> None:
        self.run(self._compare())

    def possible(self) -> list[tuple[str, Ordered]]:
        return [(deed, one) for deed in DEEDS for one in self.model.orders if self.model.may(deed, one)]

    def pick(self, nth: int) -> Ordered:
        return self.model.orders[nth % len(self.model.orders)]

    def do(self, deed: str, one: Ordered) -> None:
        name, by_owner, _owner = deed.partition(" by ")
        client = self.service.client(**owner({"token": one.token})) if by_owner else self.staff
        body = {"pickup_code": one.code or "none"} if deed == "handover" else BODIES.get(deed, {})
        key = secrets.token_hex(10)
        answer = self.ask(lambda: act(client, one.id, name, key, **body))
        self.agree(answer, lambda: self.model.do(deed, one))

    def ask(self, asked: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
        answer: Response = self.run(asked())
        if answer.is_success:
            self.repeatable = asked, answer.json()
        return answer

    def agree(self, answer: Response, expected: Callable[[], None]) -> None:
        """The service did what the model does, or refused as it does."""
        try:
            expected()
        except RefusedError:
            assert answer.status_code in {400, 409}, answer.text
        else:
            assert answer.status_code == 200, answer.text

    async def _compare(self) -> None:
        lines = {line.order_id: (str(line.state), line.refunded) for line in await LineRecord.all()}
        rows = {row.id: (str(row.state), str(row.payment), *lines[row.id]) for row in await OrderRecord.all()}
        assert rows == {one.id: (one.state, one.payment, one.line, one.refunded) for one in self.model.orders}
        came, went = Counter[str](), Counter[str]()
        for event in await MoneyEventRecord.all():
            (came if event.amount > 0 else went)[event.order_id] += abs(event.amount)
        assert came == Counter({one.id: one.paid for one in self.model.orders})
        assert went == Counter({one.id: one.given_back for one in self.model.orders})
        for place in PLACES:
            assert await stock_of(place) == (self.model.on_hand[place], self.model.allocated(place), 0)
            assert await differences(self.service.state["redis"].read, place) == []


def test_whatever_is_done_orders_stock_and_money_are_as_the_model_has_them(stage: Stage) -> None:
    assert takes_every_step(OrderMachine, stage, lambda: stage.steps == EVERY, LEAST)


@pytest.mark.sqlite
class TestControls:
    def test_when_stock_does_not_follow_the_lines(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(moving, "stock_after", lambda _state, _before=None: StockState.ALLOCATED)

        with pytest.raises(AssertionError):
            play_all(OrderMachine, stage)

    def test_when_things_are_handed_over_unpaid(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        free = paying.Way("counter", paying.AT_COUNTER.methods, before_hand_over=False)
        monkeypatch.setitem(cast("dict[str, paying.Way]", paying.WAYS), "counter", free)

        with pytest.raises(AssertionError):
            play_all(OrderMachine, stage)

    def test_when_nothing_goes_back_to_the_shelf(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        async def nobody(_now: int) -> list[str]:
            return []

        monkeypatch.setattr(jobs, "not_collected", nobody)

        with pytest.raises(AssertionError):
            play_all(OrderMachine, stage)

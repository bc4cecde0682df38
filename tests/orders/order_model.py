"""Orders of one line and the stock behind them, as a few rules: what the service has to agree with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

PRICE = 12900
KEPT = {"allocated", "ready"}
AT_THE_PLACE = {*KEPT, "picked"}
IN_HAND = {"collected", "delivered"}
LEFT = {*IN_HAND, "shipped"}
ALIVE = {"placed", "paid"}


class RefusedError(Exception):
    """The model would not do it."""


@dataclass(eq=False)
class Ordered:
    id: str
    fulfilment: str
    place: str
    quantity: int
    total: int
    token: str
    code: str
    until: float
    """When it goes back to the shelf: hours since the beginning."""
    state: str = "placed"
    payment: str = "open"
    line: str = "allocated"
    parcel: str = ""
    refunded: int = 0
    accounted: int = 0
    """Units of which it was said what became of them after they had left."""
    paid: int = 0
    given_back: int = 0


@dataclass
class Shop:
    """`hours` is for how long a pick-up is kept, `now` how many have passed."""

    on_hand: dict[str, int]
    hours: int
    now: float = 0
    orders: list[Ordered] = field(default_factory=list)

    def allocated(self, place: str) -> int:
        return sum(one.quantity for one in self.orders if one.place == place and one.line in AT_THE_PLACE)

    def available(self, place: str) -> int:
        return self.on_hand[place] - self.allocated(place)

    def source(self, hall: str, way: str, quantity: int) -> tuple[str, str]:
        """How it comes and from where: from the hall, and what may be sent from the warehouse."""
        tried = {"pickup": ["pickup"], "delivery": ["delivery"], "auto": ["pickup", "delivery"]}[way]
        for one in tried:
            place = hall if one == "pickup" else "tianjin"
            if self.available(place) >= quantity:
                return one, place
        raise RefusedError

    def do(self, deed: str, one: Ordered) -> None:
        DEEDS[deed](self, one)

    def may(self, deed: str, one: Ordered) -> bool:
        """Whether it would be done; nothing is."""
        before, had = vars(one).copy(), self.on_hand.copy()
        try:
            self.do(deed, one)
        except RefusedError:
            return False
        finally:
            vars(one).update(before)
            self.on_hand = had
        return True

    def prepare(self, one: Ordered) -> None:
        _only(one.fulfilment == "pickup" and one.line == "allocated" and one.state in ALIVE)
        one.line, one.until = "ready", self.now + self.hours

    def collect(self, one: Ordered) -> None:
        _only(one.fulfilment == "pickup" and one.line in KEPT and one.state == "paid")
        self._leave(one, "collected")

    def pick(self, one: Ordered) -> None:
        _only(one.fulfilment == "delivery" and one.line == "allocated" and one.state in ALIVE)
        one.line = "picked"

    def ship(self, one: Ordered) -> None:
        _only(one.fulfilment == "delivery" and one.line in {"allocated", "picked"} and one.state in ALIVE)
        self._leave(one, "shipped")

    def deliver(self, one: Ordered) -> None:
        _only(one.parcel == "shipped")
        one.line = one.parcel = "delivered"
        self._close(one)

    def come_back(self, one: Ordered) -> None:
        """Nobody took it, or who took it sends it back: what of it is still out is sold again."""
        _only(one.parcel in {"shipped", "delivered"})
        one.parcel = "returned"
        if one.accounted == one.quantity:
            return
        self.on_hand[one.place] += one.quantity - one.accounted
        one.line, one.accounted = "returned", one.quantity
        if one.payment == "open":
            one.state, one.payment = "cancelled", "shut"
        if one.state == "paid" and one.refunded == one.quantity:
            one.state = "cancelled"

    def pay(self, one: Ordered) -> None:
        _only(one.payment == "open")
        one.payment, one.state, one.paid = "paid", "paid", one.total
        self._close(one)

    def cancel(self, one: Ordered) -> None:
        _only(one.state in ALIVE and one.line not in LEFT)
        one.given_back = one.paid
        one.refunded = one.quantity if one.paid else 0
        self._end(one)

    def cancel_as_owner(self, one: Ordered) -> None:
        _only(one.state == "placed" and one.line in KEPT)
        self._end(one)

    def refund(self, one: Ordered, units: int, goods: str) -> None:
        _only(one.payment == "paid" and units <= one.quantity - one.refunded)
        _only(one.line in {*LEFT, "returned"} or units == one.quantity)
        last = one.refunded + units == one.quantity
        amount = units * PRICE + (one.total - one.quantity * PRICE if last else 0)
        _only(amount <= one.paid - one.given_back)
        one.refunded += units
        one.given_back += amount
        if one.line in IN_HAND:
            self._take_back(one, units, goods)
        elif one.line != "shipped":
            one.line = "returned"
        if one.state == "paid" and one.line == "returned":
            one.state = "cancelled"
        self._close(one)

    def put_back(self) -> None:
        """What nobody came for in its time."""
        for one in self.orders:
            if one.fulfilment == "pickup" and one.line in KEPT and one.until <= self.now:
                one.line = "returned"
                if one.state == "placed":
                    self._end(one)

    def _take_back(self, one: Ordered, units: int, goods: str) -> None:
        one.accounted += units
        if goods == "saleable":
            self.on_hand[one.place] += units
        if goods != "kept" and one.accounted == one.quantity:
            one.line = "returned"

    def _leave(self, one: Ordered, state: str) -> None:
        self.on_hand[one.place] -= one.quantity
        one.line = state
        one.parcel = "shipped" if state == "shipped" else ""
        self._close(one)

    def _end(self, one: Ordered) -> None:
        one.state, one.line = "cancelled", "returned"
        one.payment = "shut" if one.payment == "open" else one.payment

    def _close(self, one: Ordered) -> None:
        if one.state == "paid" and one.line in IN_HAND:
            one.state = "closed"


def _only(allowed: bool) -> None:
    if not allowed:
        raise RefusedError


DEEDS: Mapping[str, Callable[[Shop, Ordered], None]] = {
    "readiness": Shop.prepare,
    "handover": Shop.collect,
    "picking": Shop.pick,
    "shipment": Shop.ship,
    "delivery": Shop.deliver,
    "delivery-return": Shop.come_back,
    "payment": Shop.pay,
    "cancellation": Shop.cancel,
    "cancellation by its owner": Shop.cancel_as_owner,
}

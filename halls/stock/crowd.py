"""Who comes for what was gone a moment ago: judged together, with one command and one answer for all of them."""

import secrets
import time
from collections.abc import Collection, Mapping
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from halls.stock.desks import Desks
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Operation
from o2o.kernel.journal import Refusal
from o2o.kernel.sharing import Shared

MOMENT_S: Final = 1.0
"""So long after a refusal whoever wants more than there was then joins the crowd."""
AT_ONCE: Final = 500
"""Wishes in one command, which takes Redis a millisecond."""
MOST: Final = 10_000


class Wish(NamedTuple):
    """An attempt to hold some, by its operation id."""

    op: str
    quantity: int


class Crowds:
    """At each place, for each product.

    That there was too little a moment ago only says who is judged together. The place's script says what is there now:
    nobody is refused for what this process remembers.
    """

    def __init__(self, desks: Desks) -> None:
        self._desks = desks
        self._known: dict[tuple[str, str], _Crowd] = {}

    def gather(self, place: str, sku: str, available: int) -> None:
        """No more than `available` could be had just now."""
        crowd = self._known.get((place, sku))
        if crowd is None:
            if len(self._known) >= MOST:
                self._known.clear()
            crowd = self._known[place, sku] = _Crowd(Shared(partial(self.judge, place, sku)))
        crowd.available, crowd.until = available, time.monotonic() + MOMENT_S

    def is_gathered(self, place: str, sku: str, quantity: int) -> bool:
        """Whether somebody was refused so many a moment ago."""
        crowd = self._known.get((place, sku))
        return crowd is not None and quantity > crowd.available and time.monotonic() < crowd.until

    async def left_for(self, place: str, sku: str, wish: Wish) -> int | None:
        """How many can be had instead of what is wished; None: the wish is to be judged by itself."""
        if not self.is_gathered(place, sku, wish.quantity):
            return None
        (left,) = await self._known[place, sku].judged.get((wish,))
        return left

    async def judge(self, place: str, sku: str, wishes: Collection[Wish]) -> Mapping[Wish, int | None]:
        """As `left_for`, of all these at once, whether or not they are gathered."""
        judged: dict[Wish, int | None] = {}
        waiting = iter(wishes)
        while some := list(islice(waiting, AT_ONCE)):
            judged |= await self._turn_away(place, sku, some)
        return judged

    async def _turn_away(self, place: str, sku: str, wishes: list[Wish]) -> dict[Wish, int | None]:
        step = Attempt(Operation(secrets.token_urlsafe(16), ""), "clock", to_ms(self._desks.clock()))
        answer = await self._desks.submit(place, "turn_away", {"sku": sku, "wishes": wishes}, step)
        assert isinstance(answer, Refusal)  # noqa: S101 - the verb changes nothing
        left: int = answer.details["available"]
        alone = answer.details.get("alone", ())
        if len(alone) < len(wishes):
            self.gather(place, sku, left)
        return dict.fromkeys(wishes, left) | {wishes[number - 1]: None for number in alone}


class _Crowd:
    """Of one product, of which a place had no more than `available` a moment ago."""

    def __init__(self, judged: Shared[Wish, int | None]) -> None:
        self.judged = judged
        self.available = 0
        self.until = 0.0

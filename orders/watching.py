"""The waiting list of what is sold out: who wants to be told, and telling them in their order when it is back.

As many are told as there are units; they hold nothing, so the next ones are told two hours later if some are left.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from msgspec import Struct
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from halls.stock.queries import available_at, available_in_all
from messages.contacts import email, seal
from messages.schemas import Contact, Link, Message
from messages.service import put
from messages.states import Purpose
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.database import transaction
from o2o.kernel.errors import ConflictError, InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.ids import timely_id
from o2o.kernel.phones import e164
from o2o.kernel.signing import Signer
from o2o.kernel.statements import insert_new
from orders.products import products_by_sku
from orders.schemas import Product
from orders.watching_models import WatcherRecord

LOOK_S: Final = 10.0
LOOKED_AT: Final = 50
"""Products in a step: a thousand have their turn in about three minutes."""
TURN: Final = timedelta(hours=2)
"""How long those who were told have before the next ones are."""
MOST_WISHES: Final = 20
MOST_TOLD: Final = 200
"""In one look, of one product."""
KEPT: Final = timedelta(days=180)
"""So long somebody waits for what does not come back."""


class TooManyWishesError(ConflictError):
    """One person waits for enough already."""

    code = "too_many_wishes"

    def __init__(self) -> None:
        said = _("You wait for %(limit)s products already. Once you have been told of one you can ask for another.")
        super().__init__(said, limit=MOST_WISHES)


class WishInput(Struct, frozen=True, forbid_unknown_fields=True):
    """`hall`: only of what is there. Where to tell: a phone number in any usual writing, an e-mail address, or both."""

    hall: str | None = None
    phone: str | None = None
    email: str | None = None


class Wish(NamedTuple):
    """Checked: of which product, in which hall, to whom and in what words."""

    sku: str
    hall: str | None
    contact: Contact
    language: str


def contact_of(given: WishInput) -> Contact:
    """Raises InvalidError."""
    if not given.phone and not given.email:
        raise InvalidError(_("Say how to tell you: a phone number or an e-mail address."), field="email")
    return Contact(e164(given.phone) if given.phone else None, email(given.email) if given.email else None)


async def watch(client: BaseDBAsyncClient, wish: Wish, signer: Signer, now: int) -> None:
    """Put them at the end of the list. Who waits for the same already keeps their place. Raises TooManyWishesError."""
    holder = signer.phone_hash(wish.contact.phone or wish.contact.email or "")
    mine = WatcherRecord.filter(holder=holder, told_at=None).using_db(client)
    watching = f"{wish.sku}/{wish.hall or ''}/{holder}"
    if await mine.count() >= MOST_WISHES and not await mine.filter(watching=watching).exists():
        raise TooManyWishesError
    row = {
        "id": timely_id(now),
        "sku": wish.sku,
        "hall": wish.hall,
        "holder": holder,
        "watching": watching,
        "contact": seal(signer, wish.contact),
        "language": wish.language,
        "created_at": now,
    }
    await insert_new(client, WatcherRecord._meta.db_table, ("watching",), row)


class Waiting:
    """Looks at what people wait for, some products a step, each in its turn: what all places have takes time to add."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: list[str] = []

    async def step(self) -> int:
        """Tell those whose turn it is; how many."""
        self._left = self._left or await _awaited()
        some, self._left = self._left[:LOOKED_AT], self._left[LOOKED_AT:]
        products, now = (await products_by_sku(some)).values(), self._clock()
        # One by one: what all places have of fifty at once is a statement that everybody else would wait for.
        return sum([await _tell_of(product, self._clock) for product in products if product.is_listed(now)])


async def _awaited() -> list[str]:
    return [str(sku) for sku in await WatcherRecord.filter(told_at=None).distinct().values_list("sku", flat=True)]


async def sweep_watchers(days: int, clock: Clock) -> int:
    """Forget who was told that many days ago, and who waits in vain; how many."""
    told, vain = to_ms(clock() - timedelta(days=days)), to_ms(clock() - KEPT)
    return await WatcherRecord.filter(Q(told_at__lt=told) | Q(told_at=None, created_at__lt=vain)).delete()


async def _tell_of(product: Product, clock: Clock) -> int:
    now = to_ms(clock())
    in_all = (await available_in_all([product.sku]))[product.sku]
    if not in_all:
        return 0
    there = await _in_their_halls(product.sku)
    # Those who wait for a hall where enough have been told keep nobody back.
    reached = Q(hall=None) | Q(hall__in=_Turns(in_all, there, await _told_lately(product.sku, now)).halls)
    # Read before those who were just told are counted: who is told meanwhile is in both, so never is one too many.
    waiting = WatcherRecord.filter(reached, sku=product.sku, told_at=None)
    line = await waiting.order_by("created_at", "id").limit(MOST_TOLD)
    turns = _Turns(in_all, there, await _told_lately(product.sku, now))
    told = 0
    for watcher in line:
        if turns.take(watcher.hall):
            told += await transaction(_telling(watcher, product, now))
    return told


async def _told_lately(sku: str, now: int) -> Counter[str | None]:
    """How many have their turn now, by the hall that they wait for."""
    lately = WatcherRecord.filter(sku=sku, told_at__gt=now - TURN // timedelta(milliseconds=1))
    return Counter([one.hall for one in await lately])


async def _in_their_halls(sku: str) -> dict[str, int]:
    """How much can be had in each hall that somebody waits for, where there is some."""
    waiting = WatcherRecord.filter(sku=sku, told_at=None, hall__isnull=False)
    halls = [str(hall) for hall in await waiting.distinct().values_list("hall", flat=True)]
    return {hall: units for (_sku, hall), units in (await available_at([sku], halls)).items()}


class _Turns:
    """How many more can be told: in all, and of what is in one hall."""

    def __init__(self, in_all: int, there: Mapping[str, int], told: Mapping[str | None, int]) -> None:
        self._in_all = in_all - sum(told.values())
        self._in_hall = {place: units - told.get(place, 0) for place, units in there.items()}

    @property
    def halls(self) -> list[str]:
        """Where more can be told."""
        return [hall for hall, units in self._in_hall.items() if units > 0]

    def take(self, hall: str | None) -> bool:
        free = self._in_all > 0 and (hall is None or self._in_hall.get(hall, 0) > 0)
        if free:
            self._in_all -= 1
            if hall is not None:
                self._in_hall[hall] -= 1
        return free


def _telling(watcher: WatcherRecord, product: Product, now: int) -> Callable[[BaseDBAsyncClient], Awaitable[bool]]:
    async def work(client: BaseDBAsyncClient) -> bool:
        mine = WatcherRecord.filter(id=watcher.id, told_at=None).using_db(client)
        if not await mine.update(told_at=now, watching=None):
            return False
        at = f"?hall={watcher.hall}" if watcher.hall else ""
        message = Message(
            purpose=Purpose.BACK_IN_STOCK,
            subject=watcher.id,
            language=watcher.language,
            contact=watcher.contact,
            at=now,
            params={"product": product.names.in_language(watcher.language)},
            link=Link(f"/p/{product.sku}{at}"),
            hall=watcher.hall,
        )
        return await put(client, message)

    return work

"""Codes at shelves: made many at once, moved without printing anew, and how often each was scanned."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from tortoise.backends.base.client import BaseDBAsyncClient

from halls.fields import TEXT_PATTERN
from halls.hall import Hall
from halls.schemas import Document
from halls.stock.schemas import Sku
from o2o.codes.report import USUAL_DAYS
from o2o.kernel.clock import Clock
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer
from orders.products import products_by_sku
from qr.queries import scans_in_hall
from qr.schemas import Code, NewCode
from qr.service import SHELF, Spot, codes_of_kind, make_codes
from qr.states import Source, path_of

MOST: Final = 200
"""So many codes are made at once at most: eleven sheets of paper."""

Shelf = Annotated[
    str, Meta(min_length=1, max_length=40, pattern=TEXT_PATTERN, description="The shelf, as the hall calls it: A3.")
]
Words = Annotated[str, Meta(min_length=1, max_length=64, pattern=TEXT_PATTERN)]


class ShelfInput(Document, frozen=True):
    """One code to be made. `issued_by` is the clerk or agent whose code it is; without one, whoever makes it."""

    sku: Sku
    place: Shelf
    issued_by: Words | None = None
    campaign: Words | None = None


class NewShelves(Document, frozen=True):
    shelves: Annotated[tuple[ShelfInput, ...], Meta(min_length=1, max_length=MOST)]


class ShelfSpot(Document, frozen=True):
    """Where a code hangs from now on, and for what."""

    sku: Sku
    place: Shelf


class ShelfCode(msgspec.Struct, frozen=True, kw_only=True):
    """`address` is what its picture says; `scans` are those of the last 30 days."""

    code: str
    place: str
    sku: str
    issued_by: str | None
    campaign: str | None
    address: str
    scans: int


class ShelfCodeList(msgspec.Struct, frozen=True):
    codes: list[ShelfCode]
    next_cursor: str | None


async def check_products(skus: Sequence[str]) -> None:
    """Raises InvalidError, naming the first that there is not."""
    there = await products_by_sku(skus)
    for number, sku in enumerate(skus):
        if sku not in there:
            raise InvalidError(_("There is no product %(sku)s."), field=f"shelves[{number}].sku", sku=sku)


async def make_shelves(
    client: BaseDBAsyncClient, signer: Signer, hall: Hall, wanted: NewShelves, by: tuple[Clock, str]
) -> list[Code]:
    """In the transaction of `client`, in the name of whom `by` names."""
    clock, actor = by
    given = [
        NewCode(
            kind=SHELF,
            hall=hall.id,
            place=one.place,
            sku=one.sku,
            issued_by=one.issued_by or actor,
            campaign=one.campaign,
        )
        for one in wanted.shelves
    ]
    return await make_codes(client, signer, given, actor=actor, now=clock())


async def shelves_of(signer: Signer, settings: Settings, hall: Hall, clock: Clock) -> list[ShelfCode]:
    """The hall's shelf codes that are good, by shelf."""
    today = hall.business_day(clock())
    sums: Counter[str] = Counter()
    for scan in await scans_in_hall(hall.id, today - timedelta(days=USUAL_DAYS - 1), today):
        sums[scan.code] += scan.times
    codes = await codes_of_kind(signer, hall.id, SHELF)
    shown = [shown_shelf(settings, code, sums[code.id]) for code in codes]
    return sorted(shown, key=lambda one: (one.place, one.sku, one.code))


def shown_shelf(settings: Settings, code: Code, scans: int = 0) -> ShelfCode:
    return ShelfCode(
        code=code.text,
        place=code.place or "",
        sku=code.sku or "",
        issued_by=code.issued_by,
        campaign=code.campaign,
        address=settings.base_url + path_of(code.text, Source.SHELF),
        scans=scans,
    )


def spot_of(given: ShelfSpot) -> Spot:
    return Spot(given.place, given.sku)

"""The pieces that leave with an order's lines, by their serial numbers: checked before anything is changed."""

from collections.abc import Mapping, Sequence

from tortoise.backends.base.client import BaseDBAsyncClient

from halls.stock.errors import SerialsMismatchError, SerialUnknownError
from halls.stock.queries import places_of_serials
from o2o.kernel.database import connection
from o2o.kernel.i18n import _
from orders.models import LineRecord, ProductRecord
from orders.order_errors import SerialPackedError
from orders.products import products_by_sku
from orders.states import StockState

Serials = Mapping[str, Sequence[str]]
"""By the number of a line."""


async def take_pieces(client: BaseDBAsyncClient, lines: Sequence[LineRecord], given: Serials, *, needed: bool) -> None:
    """Note with each line of a `locked` order which pieces leave with it; what was noted before need not be said again.

    What a place would refuse of them must not be found out afterwards. Raises SerialsMismatchError, when `needed` also
    for none; SerialUnknownError, SerialPackedError.
    """
    serialised = await _serialised(lines)
    await _wait_for_others(client, serialised)
    for line in lines:
        serials = tuple(given.get(str(line.number), ())) or pieces_of(line)
        if not serials and not (needed and line.sku in serialised):
            continue
        if len(set(serials)) != len(serials) or (line.sku in serialised and len(serials) != line.quantity):
            raise SerialsMismatchError
        await check_free(line.place, line.sku, serials, [line.id], client)
        line.serials = ",".join(serials)
        await line.save(using_db=client, update_fields=["serials"])


async def check_free(
    place: str, sku: str, serials: Sequence[str], but: Sequence[int] = (), client: BaseDBAsyncClient | None = None
) -> None:
    """The pieces are at the place, and noted with no line `but` these: SerialUnknownError, SerialPackedError if not."""
    here = await places_of_serials(sku, serials)
    still = LineRecord.filter(sku=sku, place=place, stock__in=[StockState.HELD, StockState.ALLOCATED])
    noted = still.exclude(id__in=list(but)) if but else still
    packed = {
        serial
        for line in await noted.filter(serials__isnull=False).using_db(client or connection())
        for serial in pieces_of(line)
    }
    for serial in serials:
        if here.get(serial) != place:
            raise _unknown(serial)
        if serial in packed:
            raise SerialPackedError(serial)


async def sorted_out(lines: Sequence[LineRecord], serials: Sequence[str]) -> Serials:
    """Which line each scanned piece belongs to. Raises SerialUnknownError for one that belongs to none."""
    left, found = list(serials), {}
    for line in lines if serials else ():
        here = await places_of_serials(line.sku, left)
        mine = [serial for serial in left if here.get(serial) == line.place or serial in pieces_of(line)]
        found[str(line.number)] = mine[: line.quantity]
        left = [serial for serial in left if serial not in found[str(line.number)]]
    if left:
        raise _unknown(left[0])
    return {number: mine for number, mine in found.items() if mine}


async def lacking(lines: Sequence[LineRecord]) -> list[LineRecord]:
    """The lines of which it has to be said which pieces leave."""
    serialised = await _serialised(lines)
    return [line for line in lines if line.sku in serialised and not pieces_of(line)]


def pieces_of(line: LineRecord) -> tuple[str, ...]:
    return tuple(filter(None, (line.serials or "").split(",")))


async def _serialised(lines: Sequence[LineRecord]) -> set[str]:
    products = await products_by_sku([line.sku for line in lines])
    return {sku for sku, product in products.items() if product.serialised}


async def _wait_for_others(client: BaseDBAsyncClient, skus: set[str]) -> None:
    """Two who note pieces of one product come one after the other, so that no piece is in two parcels."""
    for sku in sorted(skus):  # As rows: of plain values Tortoise forgets the lock.
        await ProductRecord.filter(sku=sku).using_db(client).select_for_update().only("sku")


def _unknown(serial: str) -> SerialUnknownError:
    return SerialUnknownError(_("The piece with serial number %(serial)s is not here."), serial=serial, field="serials")

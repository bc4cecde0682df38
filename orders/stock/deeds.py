"""What is done to the stock of a place, of products that there are: each deed is one operation of the stockroom."""

from halls.stock.errors import SerialsMismatchError
from halls.stock.queries import level
from halls.stock.schemas import Level
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.ledger import stored_event
from orders.errors import ProductNotFoundError
from orders.products import products_by_sku
from orders.schemas import Product
from orders.stock.errors import CountedElsewhereError
from orders.stock.schemas import Count, Damage, Receipt, Transfer


async def product_of(sku: str) -> Product:
    """A product whether it is listed or not: stock comes before selling begins. Raises ProductNotFoundError."""
    product = (await products_by_sku([sku])).get(sku)
    if product is None or not product.kind.has_stock:
        raise ProductNotFoundError
    return product


async def receive(room: Stockroom, place: str, sku: str, given: Receipt, attempt: Attempt) -> Level:
    """Raises ProductNotFoundError, SerialsMismatchError and as `Stockroom.receive`."""
    await _numbered(sku, given.serials, given.quantity)
    return await room.receive(place, sku, given.quantity, attempt, reason=given.reason, serials=given.serials)


async def count(room: Stockroom, place: str, sku: str, given: Count, attempt: Attempt) -> Level:
    """Raises ProductNotFoundError, CountedElsewhereError and as `Stockroom.count`."""
    await product_of(sku)
    if given.seen is not None and await stored_event(attempt.operation.id) is None:
        now = await level(place, sku)
        if now.on_hand != given.seen:
            raise CountedElsewhereError(now.on_hand)
    return await room.count(place, sku, given.on_hand, attempt, reason=given.reason)


async def damage(room: Stockroom, place: str, sku: str, given: Damage, attempt: Attempt) -> Level:
    """Raises ProductNotFoundError, SerialsMismatchError and as `Stockroom.damage`."""
    await _numbered(sku, given.serials, given.quantity)
    return await room.damage(place, sku, given.quantity, attempt, reason=given.reason, serials=given.serials)


async def transfer(room: Stockroom, place: str, sku: str, given: Transfer, attempt: Attempt) -> Level:
    """Raises ProductNotFoundError, InvalidError, SerialsMismatchError and as `Stockroom.transfer`."""
    await _numbered(sku, given.serials, given.quantity)
    sent = (place, given.to, sku, given.quantity, attempt)
    return await room.transfer(*sent, reason=given.reason, serials=given.serials)


async def _numbered(sku: str, serials: tuple[str, ...], quantity: int) -> None:
    """Pieces with numbers of their own come and go by these."""
    if (await product_of(sku)).serialised and len(set(serials)) != quantity:
        raise SerialsMismatchError

"""Products: putting one, and reading them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from halls.schemas import Names
from o2o.kernel.audit import EVERYWHERE, Done, changed, note
from o2o.kernel.clock import to_ms
from o2o.kernel.database import connection, is_postgres, transaction
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.sharing import Shared
from o2o.kernel.statements import marks
from orders.errors import ProductNotFoundError
from orders.models import ProductRecord
from orders.money import fen_of
from orders.schemas import Product, ProductInput
from orders.search import Word, words_to_find, words_to_keep


class Wanted(NamedTuple):
    """Which products: with all of these words, listed at the moment, at most `limit` behind the one called `after`."""

    text: str
    at: datetime
    limit: int
    after: str | None = None


async def put_product(sku: str, given: ProductInput, *, now: datetime, actor: str) -> tuple[Product, bool]:
    """Make the product, or change it whole, in `actor`'s name; says too whether it is new.

    The revision rises unless the product was just so. Raises InvalidError.
    """
    if given.listed_from and given.listed_to and given.listed_from >= given.listed_to:
        raise InvalidError(_("“listed_from” must be before “listed_to”."), field="listed_to")
    done = Done("product.edited", actor, to_ms(now), sku)
    try:
        record, created = await transaction(lambda client: _write(client, sku, given, done))
    except IntegrityError:  # Somebody else made it at the same moment: it is there now.
        record, created = await transaction(lambda client: _write(client, sku, given, done))
    return _product(record), created


async def get_product(sku: str, now: datetime) -> Product:
    """A product that is listed. Raises ProductNotFoundError."""
    product = (await products_by_sku([sku])).get(sku)
    if product is None or not product.is_listed(now):
        raise ProductNotFoundError
    return product


async def all_skus() -> list[str]:
    return [str(sku) for sku in await ProductRecord.all().order_by("sku").values_list("sku", flat=True)]


async def products_by_sku(skus: Collection[str]) -> Mapping[str, Product]:
    """Those that there are, listed or not."""
    values = {f"sku{n}": sku for n, sku in enumerate(sorted(set(skus)))}
    named = ", ".join(f"{{{name}}}" for name in values)
    statement = f"SELECT sku, rev, document FROM products WHERE sku IN ({named})"  # noqa: S608 - marks
    rows = await connection().execute_query_dict(*marks(connection(), statement, values)) if values else []
    return {row["sku"]: _described(row["sku"], row["rev"], _document(row["document"])) for row in rows}


class Products:
    """As `products_by_sku`, with one reading for all who ask at the same time; not for use within a transaction."""

    def __init__(self) -> None:
        self._read = Shared(_read)

    async def get(self, skus: Sequence[str]) -> dict[str, Product]:
        found = await self._read.get(skus)
        return {sku: product for sku, product in zip(skus, found, strict=True) if product is not None}


async def _read(skus: Collection[str]) -> Mapping[str, Product | None]:
    return {**dict.fromkeys(skus), **await products_by_sku(skus)}


async def names_of(skus: Collection[str]) -> dict[str, Names]:
    """What these products are called, listed or not; unknown ones are absent."""
    products = await products_by_sku(skus) if skus else {}
    return {sku: product.names for sku, product in products.items()}


async def find_products(wanted: Wanted) -> list[Product]:
    """By SKU."""
    at = to_ms(wanted.at)
    values: dict[str, Any] = {"begun": at, "ended": at, "limit": wanted.limit}
    where = ["(listed_from IS NULL OR listed_from <= {begun})", "(listed_to IS NULL OR listed_to > {ended})"]
    if wanted.after:
        where.append("sku > {after}")
        values["after"] = wanted.after
    if words := words_to_find(wanted.text):
        where.append(_WITH_WORDS[is_postgres(connection())])
        values["words"] = (_tsquery if is_postgres(connection()) else _match)(words)
    elif wanted.text.strip():  # What has no letters or digits is in no name.
        return []
    statement = f"SELECT sku, rev, document FROM products WHERE {' AND '.join(where)} ORDER BY sku LIMIT {{limit}}"  # noqa: S608 - marks
    rows = await connection().execute_query_dict(*marks(connection(), statement, values))
    return [_described(row["sku"], row["rev"], _document(row["document"])) for row in rows]


_WITH_WORDS: Final = {
    False: "sku IN (SELECT sku FROM products_words WHERE products_words MATCH {words})",
    True: "array_to_tsvector(string_to_array(searched, ' ')) @@ CAST(CAST({words} AS text) AS tsquery)",
}
"""As SQLite and as PostgreSQL say it."""


def _match(words: Sequence[Word]) -> str:
    return " ".join(f'"{word.text}"{"" if word.whole else "*"}' for word in words)


def _tsquery(words: Sequence[Word]) -> str:
    return " & ".join(f"'{word.text}'{'' if word.whole else ':*'}" for word in words)


async def _write(client: BaseDBAsyncClient, sku: str, given: ProductInput, done: Done) -> tuple[ProductRecord, bool]:
    record = await ProductRecord.select_for_update(using_db=client).get_or_none(sku=sku)
    document, created = msgspec.json.decode(msgspec.json.encode(given)), record is None
    if record is None:
        record = ProductRecord(sku=sku, rev=0, document={}, created_at=done.at)
    elif record.document == document:
        return record, False
    difference = changed(record.document, document)
    record.rev, record.document, record.changed_at = record.rev + 1, document, done.at
    record.kind, record.price = given.kind.value, fen_of(given.price)
    record.listed_from = given.listed_from and to_ms(given.listed_from)
    record.listed_to = given.listed_to and to_ms(given.listed_to)
    record.searched = words_to_keep(_texts(sku, given))
    await record.save(using_db=client, force_create=created)
    await note(client, done._replace(name="product.made" if created else "product.edited"), [EVERYWHERE], difference)
    return record, created


def _texts(sku: str, given: ProductInput) -> Iterator[str]:
    yield sku
    for names in (given.names, *(attribute.value for attribute in given.attributes)):
        yield names.zh
        yield names.en


def _product(record: ProductRecord) -> Product:
    return _described(record.sku, record.rev, msgspec.convert(record.document, ProductInput))


def _document(value: str | dict[str, Any]) -> ProductInput:
    """SQLite gives JSON as text, and so does a driver of PostgreSQL."""
    return (
        msgspec.json.decode(value, type=ProductInput)
        if isinstance(value, str)
        else msgspec.convert(value, ProductInput)
    )


def _described(sku: str, rev: int, given: ProductInput) -> Product:
    return Product(
        sku=sku,
        rev=rev,
        names=given.names,
        price=fen_of(given.price),
        kind=given.kind,
        description=given.description,
        attributes=given.attributes,
        picture=given.picture,
        listed_from=given.listed_from,
        listed_to=given.listed_to,
        limit_per_person=given.limit_per_person,
        serialised=given.serialised,
    )

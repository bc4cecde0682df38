"""What a place has, with the products' names, searched and in order."""

from collections.abc import Sequence

from halls.stock.queries import levels_at
from halls.stock.schemas import Level
from orders.products import products_by_sku
from orders.stock.schemas import ShownLevel, shown_level


async def named(levels: Sequence[Level], language: str) -> list[ShownLevel]:
    """The levels with the products' names in a language."""
    products = await products_by_sku([one.sku for one in levels])
    names = {sku: product.names.in_language(language) for sku, product in products.items()}
    return [shown_level(one, names.get(one.sku, one.sku)) for one in levels]


async def stock_at(place: str, language: str, words: str = "") -> list[ShownLevel]:
    """Everything that the place ever had whose SKU or name has all the words, by SKU."""
    wanted = words.casefold().split()
    found = await named(await levels_at(place), language)
    return [one for one in found if all(word in f"{one.sku} {one.name}".casefold() for word in wanted)]

"""Products as programs see them."""

from datetime import datetime

from msgspec import Struct

from halls.schemas import Names
from orders.money import Money, money
from orders.schemas import Attribute, Description, Kind, Product


class ProductWhole(Struct, frozen=True, kw_only=True):
    """A product as headquarters have put it, and its revision."""

    sku: str
    rev: int
    names: Names
    price: Money
    kind: Kind
    description: Description | None
    attributes: tuple[Attribute, ...]
    picture: str | None
    listed_from: datetime | None
    listed_to: datetime | None
    limit_per_person: int | None
    serialised: bool


def shown_whole(product: Product) -> ProductWhole:
    return ProductWhole(
        sku=product.sku,
        rev=product.rev,
        names=product.names,
        price=money(product.price),
        kind=product.kind,
        description=product.description,
        attributes=product.attributes,
        picture=product.picture,
        listed_from=product.listed_from,
        listed_to=product.listed_to,
        limit_per_person=product.limit_per_person,
        serialised=product.serialised,
    )

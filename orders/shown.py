"""Products, and where they are to be had, as programs see them."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct, UnsetType

from halls.schemas import Names
from o2o.kernel.static import FOLDER, static_url
from orders.delivery.windows import Window
from orders.money import Money, money
from orders.schemas import PICTURES, Attribute, Description, Kind, Product
from orders.sourcing import Availability, Source

HOME_ZONE = ZoneInfo("Asia/Shanghai")
"""What is sent comes by this clock."""


class HallStock(Struct, frozen=True):
    """A hall that has some of it now; the distance is from the hall in which it was asked for."""

    id: str
    name: str
    distance_m: int | None
    available: int


class Eta(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """From when until when it can be at the door, and the warehouse that would send it."""

    start: datetime
    end: datetime
    place: str


class ShownAvailability(Struct, frozen=True):
    """`kind` is what comes first; `halls` have it to take along, and with `eta` it can be sent as well."""

    kind: Literal["here", "nearby", "delivery", "none"]
    halls: list[HallStock] | UnsetType = UNSET
    eta: Eta | UnsetType = UNSET


class ShownAttribute(Struct, frozen=True):
    name: str
    value: str


class ShownProduct(Struct, frozen=True, kw_only=True):
    """A product in the reader's language; `picture` is an address."""

    sku: str
    name: str
    price: Money
    kind: Kind
    picture: str | None
    availability: ShownAvailability


class ShownProductWhole(ShownProduct, frozen=True, kw_only=True):
    description: str | None
    attributes: list[ShownAttribute]
    limit_per_person: int | None
    serialised: bool


class ProductList(Struct, frozen=True):
    products: list[ShownProduct]
    next_cursor: str | None


class PutProduct(Struct, frozen=True, kw_only=True):
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


def show_product(product: Product, found: Availability, language: str) -> ShownProduct:
    return ShownProduct(
        sku=product.sku,
        name=product.names.in_language(language),
        price=money(product.price),
        kind=product.kind,
        picture=picture_url(product.picture),
        availability=show_availability(found, language),
    )


def show_product_whole(product: Product, found: Availability, language: str) -> ShownProductWhole:
    return ShownProductWhole(
        sku=product.sku,
        name=product.names.in_language(language),
        price=money(product.price),
        kind=product.kind,
        picture=picture_url(product.picture),
        availability=show_availability(found, language),
        description=product.description.in_language(language) if product.description else None,
        attributes=[
            ShownAttribute(one.names.in_language(language), one.value.in_language(language))
            for one in product.attributes
        ],
        limit_per_person=product.limit_per_person,
        serialised=product.serialised,
    )


def show_availability(found: Availability, language: str) -> ShownAvailability:
    halls = [_hall(one, language) for one in found.halls]
    eta = _eta(found.sent, found.sent.eta) if found.sent and found.sent.eta else UNSET
    return ShownAvailability(found.kind, halls or UNSET, eta)


def put_answer(product: Product) -> PutProduct:
    return PutProduct(
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


def picture_url(name: str | None) -> str | None:
    """The picture's address, if this release has it."""
    return static_url(f"{PICTURES}/{name}") if name and (FOLDER / PICTURES / name).is_file() else None


def _hall(one: Source, language: str) -> HallStock:
    distance = None if one.distance_m is None else round(one.distance_m)
    return HallStock(one.place.id, one.place.names.in_language(language), distance, one.available)


def _eta(sent: Source, eta: Window) -> Eta:
    return Eta(eta.start.astimezone(HOME_ZONE), eta.end.astimezone(HOME_ZONE), sent.place.id)

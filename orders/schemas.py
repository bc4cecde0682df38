"""A product: the document that comes in, the product in memory, and what is shown of it."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from halls.fields import TEXT_PATTERN
from halls.schemas import Document, Names
from halls.stock.schemas import SKU_PATTERN
from orders.money import Money

PICTURES: Final = "img/products"
"""Where pictures are, in static/."""
SKU: Final = re.compile(SKU_PATTERN)

Picture = Annotated[
    str, Meta(pattern=r"^[a-z0-9-]{1,60}\.svg$(?!\n)", description="The name of a file in static/img/products/.")
]
Moment = Annotated[datetime, Meta(tz=True)]
Prose = Annotated[str, Meta(max_length=600, pattern=TEXT_PATTERN)]


class Kind(StrEnum):
    DEVICE = "device"
    ACCESSORY = "accessory"
    SIM = "sim"
    TOPUP = "topup"
    PLAN = "plan"

    @property
    def has_stock(self) -> bool:
        """A plan is made out and not handed over: it is never out."""
        return self is not Kind.PLAN


class Description(Document, frozen=True, rename={"zh": "zh-CN"}):
    zh: Prose
    en: Prose

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


class Attribute(Document, frozen=True, kw_only=False):
    """Such as colour: black."""

    names: Names
    value: Names


class ProductInput(Document, frozen=True):
    """A product, whole, as `PUT /api/v1/products/{sku}` takes it and SQL keeps it.

    It is shown and sold from `listed_from` on and before `listed_to`; null is no limit. `limit_per_person` is how many
    one phone number may have in all; of what is `serialised` each unit has a number of its own.
    """

    names: Names
    price: Money
    kind: Kind
    description: Description | None = None
    attributes: Annotated[tuple[Attribute, ...], Meta(max_length=20)] = ()
    picture: Picture | None = None
    listed_from: Moment | None = None
    listed_to: Moment | None = None
    limit_per_person: Annotated[int, Meta(ge=1, le=1000)] | None = None
    serialised: bool = False


class Product(Struct, frozen=True, kw_only=True):
    """A product in memory: never changed, replaced by one of a higher `rev`. `price` is fen."""

    sku: str
    rev: int
    names: Names
    price: int
    kind: Kind
    description: Description | None
    attributes: tuple[Attribute, ...]
    picture: str | None
    listed_from: datetime | None
    listed_to: datetime | None
    limit_per_person: int | None
    serialised: bool

    def is_listed(self, now: datetime) -> bool:
        begun = self.listed_from is None or self.listed_from <= now
        ended = self.listed_to is not None and self.listed_to <= now
        return begun and not ended

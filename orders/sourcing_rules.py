"""Where a product comes from, and in which order places are asked: rules by province and product. Pure."""

from collections.abc import Iterable
from typing import Annotated, Final

from msgspec import Meta

from halls.fields import Id
from halls.schemas import Document
from halls.stock.schemas import Sku
from orders.schemas import Kind, Product

HALL: Final = "@hall"
NEARBY: Final = "@nearby"
PROVINCE: Final = "@province"
WAREHOUSES: Final = "@warehouses"

Step = Annotated[
    str,
    Meta(
        pattern=r"^(@(hall|nearby|province|warehouses)|[a-z0-9][a-z0-9-]{0,39})$(?!\n)",
        description="@hall: the customer's own; @nearby: halls around it; @province: its warehouses; @warehouses: any; "
        "or a place by its id.",
    ),
]


class Rule(Document, frozen=True):
    """For what is asked in the halls of `province`, of this kind or this SKU; what is not named is any.

    Places are asked in the order of `places`. Halls give, warehouses send. `nearby_km` is how far the halls around go.
    """

    places: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=20)]
    province: Id | None = None
    kind: Kind | None = None
    sku: Sku | None = None
    nearby_km: Annotated[int, Meta(ge=1, le=500)] = 50

    @property
    def scope(self) -> tuple[str | None, Kind | None, str | None]:
        return self.province, self.kind, self.sku

    def fits(self, province: str | None, product: Product) -> bool:
        return (
            self.province in {None, province} and self.kind in {None, product.kind} and self.sku in {None, product.sku}
        )

    @property
    def narrowness(self) -> tuple[bool, bool, bool]:
        """A product says more than its kind, and that more than a province."""
        return self.sku is not None, self.kind is not None, self.province is not None


DEFAULT: Final = Rule(places=(HALL, NEARBY, PROVINCE, WAREHOUSES))
"""Until headquarters say otherwise: here, else in a hall around, else sent by the province's warehouse, or any."""


def rule_for(rules: Iterable[Rule], province: str | None, product: Product) -> Rule:
    """The narrowest that fits."""
    return max(
        (rule for rule in rules if rule.fits(province, product)), key=lambda rule: rule.narrowness, default=DEFAULT
    )

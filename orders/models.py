"""The tables of orders. Times are ms since 1970, money is fen."""

from typing import Any

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from orders.delivery.models import DeliveryRate as DeliveryRate  # noqa: PLC0414 - for Tortoise to find it here


class ProductRecord(Model):
    """A product as it was put, and its revision.

    Written and read whole, so that it is one document; what SQL decides about has columns beside it. `searched` holds
    the words that it is found by (orders/search.py), which an index made by the migration goes by.
    """

    sku = fields.CharField(max_length=40, primary_key=True)
    rev = fields.IntField()
    kind = fields.CharField(max_length=16)
    price = fields.BigIntField(description="fen")
    listed_from = fields.BigIntField(null=True)
    listed_to = fields.BigIntField(null=True)
    document: fields.JSONField[dict[str, Any]] = fields.JSONField(description="orders.schemas.ProductInput")
    searched = fields.TextField(description="words that it is found by, a space between")
    created_at = fields.BigIntField()
    changed_at = fields.BigIntField()

    class Meta:
        table = "products"
        constraints = (
            CheckConstraint(
                check="kind IN ('device', 'accessory', 'sim', 'topup', 'plan')",
                name="products_kind",
            ),
            CheckConstraint(check="price >= 0", name="products_price"),
        )


class RuleRecord(Model):
    """A rule of sourcing (`orders.sourcing_rules.Rule`), by its place in the list."""

    place = fields.IntField(primary_key=True, generated=False)
    document: fields.JSONField[dict[str, Any]] = fields.JSONField(description="orders.sourcing_rules.Rule")

    class Meta:
        table = "sourcing_rules"

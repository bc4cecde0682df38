"""The tables of orders. Times are ms since 1970, money is fen."""

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from o2o.kernel.clock import from_ms
from orders.delivery.models import DeliveryRate as DeliveryRate  # noqa: PLC0414 - for Tortoise to find it here
from orders.delivery.models import Shipment as Shipment  # noqa: PLC0414 - as above
from orders.delivery.models import TrackingEvent as TrackingEvent  # noqa: PLC0414 - as above
from orders.delivery.windows import Window
from orders.states import LineState, OrderState, PaymentState
from orders.watching_models import WatcherRecord as WatcherRecord  # noqa: PLC0414 - as DeliveryRate


def _one_of(states: type[StrEnum]) -> str:
    return ", ".join(f"'{state}'" for state in states)


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


class OrderRecord(Model):
    """An order. Who it is for is sealed apart: `holder` is the keyed hash of the phone number.

    `shown_in` is the hall that showed the goods and keeps the credit; it, `code`, `issued_by` and `campaign` never
    change.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    hall = fields.CharField(max_length=40)
    shown_in = fields.CharField(max_length=40)
    code = fields.CharField(max_length=32, null=True)
    issued_by = fields.CharField(max_length=80, null=True, description="the clerk or agent whose code it was")
    campaign = fields.CharField(max_length=80, null=True)
    holder = fields.CharField(max_length=32)
    state = fields.CharField(max_length=16)
    payment = fields.CharField(max_length=16)
    pay_at = fields.CharField(max_length=16, description="counter or delivery")
    goods = fields.BigIntField(description="what the lines cost")
    delivery_fee = fields.BigIntField()
    pickup_hash = fields.CharField(max_length=32, null=True, unique=True)
    pickup_until = fields.BigIntField(null=True, description="later it goes back to the shelf")
    notices = fields.IntField(default=0, description="how often it was said that it is ready")
    language = fields.CharField(max_length=8, description="in which its customer is told")
    placed_at = fields.BigIntField()
    changed_at = fields.BigIntField()
    version = fields.IntField()

    class Meta:
        table = "orders"
        indexes = (
            Index(fields=("hall", "placed_at"), name="orders_hall"),
            Index(fields=("holder",), name="orders_holder"),
            Index(fields=("pickup_until",), name="orders_pickup"),
        )
        constraints = (
            CheckConstraint(check=f"state IN ({_one_of(OrderState)})", name="orders_state"),
            CheckConstraint(check=f"payment IN ({_one_of(PaymentState)})", name="orders_payment"),
            CheckConstraint(check="goods >= 0 AND delivery_fee >= 0", name="orders_sums"),
        )


class LineRecord(Model):
    """What an order has of one product from one place. `number` counts from 1.

    `stock` is what the place is known to have done with the units, `stock_due` what the line's state wants of it: they
    differ while a change is under way, and a job ends it. `refunded`, `back` and `back_done` are units: paid back, come
    back one by one to be sold again, and of those as many as the place knows of. Of `accounted` units it was said what
    became of them after they had left: no parcel brings them back any more.
    """

    id = fields.BigIntField(primary_key=True)
    order_id = fields.CharField(max_length=32)
    number = fields.IntField()
    sku = fields.CharField(max_length=40)
    name_zh = fields.CharField(max_length=120)
    name_en = fields.CharField(max_length=120)
    price = fields.BigIntField(description="of one")
    quantity = fields.IntField()
    fulfilment = fields.CharField(max_length=16)
    place = fields.CharField(max_length=40)
    state = fields.CharField(max_length=16)
    allocation = fields.CharField(max_length=32, null=True, description="the hold that became it, or null: no stock")
    stock = fields.CharField(max_length=16)
    stock_due = fields.CharField(max_length=16)
    serials: str | None = fields.TextField(null=True, description="separated by commas")
    refunded = fields.IntField(default=0)
    back = fields.IntField(default=0)
    back_done = fields.IntField(default=0)
    accounted: int | None = fields.IntField(null=True, default=0, description="null: all that were refunded")
    window_start = fields.BigIntField(null=True, description="when it was promised at the door, of what is sent")
    window_end = fields.BigIntField(null=True)
    changed_at = fields.BigIntField()

    @property
    def out(self) -> int:
        """Units that left, or will, and of which nobody has said that they came back, are broken or are kept."""
        return self.quantity - (self.refunded if self.accounted is None else self.accounted)

    @property
    def window(self) -> Window | None:
        """When it was promised at the door."""
        if self.window_start is None or self.window_end is None:
            return None
        return Window(from_ms(self.window_start), from_ms(self.window_end))

    class Meta:
        table = "order_lines"
        indexes = (Index(fields=("place", "state"), name="order_lines_place"),)
        constraints = (
            UniqueConstraint(fields=("order_id", "number"), name="order_lines_number"),
            CheckConstraint(check=f"state IN ({_one_of(LineState)})", name="order_lines_state"),
            CheckConstraint(check="quantity > 0 AND price >= 0", name="order_lines_amount"),
            CheckConstraint(check="refunded BETWEEN 0 AND quantity", name="order_lines_refunded"),
            CheckConstraint(
                check="back BETWEEN 0 AND quantity AND back_done BETWEEN 0 AND back", name="order_lines_back"
            ),
        )


class OrderEventRecord(Model):
    """One change of an order: only ever added to."""

    id = fields.BigIntField(primary_key=True)
    order_id = fields.CharField(max_length=32, db_index=True)
    at = fields.BigIntField()
    name = fields.CharField(max_length=32)
    actor = fields.CharField(max_length=80)
    line = fields.IntField(null=True)
    source = fields.CharField(max_length=16, null=True)
    target = fields.CharField(max_length=16, null=True)
    reason = fields.CharField(max_length=80, null=True)
    data = fields.TextField(null=True, description="JSON")

    class Meta:
        table = "order_events"


class MoneyEventRecord(Model):
    """Money that came or went, once for each operation: only ever added to. `amount` is below nothing for a refund."""

    id = fields.BigIntField(primary_key=True)
    op = fields.CharField(max_length=32, unique=True)
    order_id = fields.CharField(max_length=32)
    at = fields.BigIntField()
    kind = fields.CharField(max_length=16)
    method = fields.CharField(max_length=16)
    amount = fields.BigIntField()
    hall = fields.CharField(max_length=40, description="or another place, where the money is")
    counter = fields.CharField(max_length=48, null=True)
    actor = fields.CharField(max_length=80)
    reason = fields.CharField(max_length=80, null=True)

    class Meta:
        table = "money_events"
        indexes = (
            Index(fields=("hall", "at"), name="money_events_hall"),
            Index(fields=("order_id",), name="money_events_order"),
        )
        constraints = (
            CheckConstraint(
                check="(kind = 'payment' AND amount > 0) OR (kind = 'refund' AND amount < 0)", name="money_events_kind"
            ),
        )


class OrderContactRecord(Model):
    """Phone number, address and pick-up code, sealed together as JSON, so that they can be erased alone."""

    order_id = fields.CharField(max_length=32, primary_key=True)
    sealed = fields.TextField()

    class Meta:
        table = "order_contacts"


class BuyerRecord(Model):
    """One person's orders come one after the other through this row, so that a limit a person holds in a race."""

    holder = fields.CharField(max_length=32, primary_key=True)
    orders = fields.IntField()

    class Meta:
        table = "order_buyers"

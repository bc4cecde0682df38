"""The tables of delivery. Times are ms since 1970, money is fen."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from orders.delivery.states import ShipmentState

_STATES = ", ".join(f"'{state}'" for state in ShipmentState)


class DeliveryRate(Model):
    """What delivery to a province costs, or to every other one."""

    province = fields.CharField(max_length=40, primary_key=True)
    fee = fields.BigIntField()
    free_from = fields.BigIntField(null=True)
    days = fields.IntField(description="that a carrier takes from another province")

    class Meta:
        table = "delivery_rates"
        constraints = (
            CheckConstraint(check="fee >= 0 AND (free_from IS NULL OR free_from >= 0)", name="delivery_rates_money"),
            CheckConstraint(check="days BETWEEN 1 AND 30", name="delivery_rates_days"),
        )


class Shipment(Model):
    """A parcel that left a place with lines of one order.

    With `real_name` there is a SIM card in it: whoever takes it shows who they are, and `identity_checked` says that
    they did. `whereabouts` is what the carrier said last, with a scan at `scanned_at`. `followed`: whoever follows
    parcels for us was told of it; `ask_at`: when to ask, or null when there is nothing more to ask.
    """

    id = fields.CharField(max_length=22, primary_key=True)
    order_id = fields.CharField(max_length=32, db_index=True)
    place = fields.CharField(max_length=40)
    lines: fields.JSONField[list[int]] = fields.JSONField(description="the numbers of the order's lines")
    carrier = fields.CharField(max_length=30)
    tracking = fields.CharField(max_length=32)
    state = fields.CharField(max_length=16)
    real_name = fields.BooleanField()
    identity_checked = fields.BooleanField(default=False)
    whereabouts = fields.CharField(max_length=20, null=True)
    scanned_at = fields.BigIntField(null=True)
    followed = fields.BooleanField(default=False)
    followed_again = fields.IntField(db_default=0, description="how often, after it had been given up")
    ask_at = fields.BigIntField(null=True)
    shipped_at = fields.BigIntField()
    changed_at = fields.BigIntField()

    class Meta:
        table = "shipments"
        indexes = (
            Index(fields=("place", "state", "shipped_at"), name="shipments_place"),
            Index(fields=("ask_at",), name="shipments_ask_at"),
        )
        constraints = (
            CheckConstraint(check=f"state IN ({_STATES})", name="shipments_state"),
            CheckConstraint(
                check="NOT real_name OR identity_checked OR state <> 'delivered'", name="shipments_real_name"
            ),
        )


class TrackingEvent(Model):
    """One thing that was said of a parcel, by the carrier or by our people: only ever added to."""

    id = fields.BigIntField(primary_key=True)
    shipment_id = fields.CharField(max_length=22)
    at = fields.BigIntField()
    source = fields.CharField(max_length=16)
    text = fields.CharField(max_length=300)

    class Meta:
        table = "tracking_events"
        unique_together = (("shipment_id", "at", "source", "text"),)

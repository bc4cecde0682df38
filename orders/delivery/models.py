"""The tables of delivery. Times are ms since 1970, money is fen."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model


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

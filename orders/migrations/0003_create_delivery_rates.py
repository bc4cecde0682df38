from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_create_sourcing_rules")]

    initial = False

    operations = [
        ops.CreateModel(
            name="DeliveryRate",
            fields=[
                ("province", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("fee", fields.BigIntField()),
                ("free_from", fields.BigIntField(null=True)),
                ("days", fields.IntField(description="that a carrier takes from another province")),
            ],
            options={
                "table": "delivery_rates",
                "app": "orders",
                "pk_attr": "province",
                "table_description": "What delivery to a province costs, or to every other one.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="DeliveryRate",
            constraint=CheckConstraint(
                check="fee >= 0 AND (free_from IS NULL OR free_from >= 0)",
                name="delivery_rates_money",
            ),
        ),
        ops.AddConstraint(
            model_name="DeliveryRate",
            constraint=CheckConstraint(
                check="days BETWEEN 1 AND 30",
                name="delivery_rates_days",
            ),
        ),
    ]

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_create_products")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RuleRecord",
            fields=[
                ("place", fields.IntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ("document", fields.JSONField(description="orders.sourcing_rules.Rule")),
            ],
            options={
                "table": "sourcing_rules",
                "app": "orders",
                "pk_attr": "place",
                "table_description": "A rule of sourcing (`orders.sourcing_rules.Rule`), by its place in the list.",
            },
            bases=["Model"],
        ),
    ]

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_create_orders")]

    initial = False

    operations = [
        ops.CreateModel(
            name="WatcherRecord",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=22)),
                ("sku", fields.CharField(max_length=40)),
                ("hall", fields.CharField(null=True, max_length=40)),
                ("holder", fields.CharField(description="keyed hash of where they are reached", max_length=32)),
                ("watching", fields.CharField(null=True, unique=True, max_length=120)),
                ("contact", fields.TextField(unique=False)),
                ("language", fields.CharField(max_length=8)),
                ("created_at", fields.BigIntField()),
                ("told_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "watchers",
                "app": "orders",
                "indexes": [
                    Index(fields=["told_at", "sku", "created_at"], name="watchers_line"),
                    Index(fields=["holder"], name="watchers_holder"),
                ],
                "pk_attr": "id",
                "table_description": "Somebody who wants to be told once, when there is some of a product again.",
            },
            bases=["Model"],
        ),
    ]

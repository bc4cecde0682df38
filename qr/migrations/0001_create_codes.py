from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="CodeRecord",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=22)),
                ("kind", fields.CharField(max_length=16)),
                ("hall", fields.CharField(max_length=40)),
                ("place", fields.CharField(null=True, max_length=40)),
                ("sku", fields.CharField(null=True, max_length=64)),
                ("issued_by", fields.CharField(null=True, max_length=80)),
                ("campaign", fields.CharField(null=True, max_length=64)),
                ("stands_for", fields.CharField(null=True, unique=True, max_length=64)),
                ("valid_from", fields.BigIntField(null=True)),
                ("valid_to", fields.BigIntField(null=True)),
                ("revoked_at", fields.BigIntField(null=True)),
                ("created_at", fields.BigIntField()),
            ],
            options={
                "table": "codes",
                "app": "qr",
                "indexes": [Index(fields=["hall"], name="codes_hall")],
                "pk_attr": "id",
                "table_description": "One printed code. Times are ms since 1970, and null is no limit.",
            },
            bases=["Model"],
        ),
    ]

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Device",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=22)),
                ("kind", fields.CharField(description="display or kiosk", max_length=8)),
                ("code", fields.CharField(null=True, unique=True, description="until it is paired", max_length=6)),
                ("created_at", fields.BigIntField()),
                ("code_expires_at", fields.BigIntField()),
                ("hall", fields.CharField(null=True, max_length=40)),
                ("paired_by", fields.CharField(null=True, max_length=80)),
                ("paired_at", fields.BigIntField(null=True)),
                ("last_seen_at", fields.BigIntField(null=True)),
                ("revoked_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "devices",
                "app": "websocket",
                "indexes": [Index(fields=["hall"], name="devices_hall")],
                "pk_attr": "id",
                "table_description": "A display or kiosk.",
            },
            bases=["Model"],
        ),
    ]

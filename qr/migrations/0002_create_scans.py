from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("qr", "0001_create_codes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ScanCount",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("code", fields.CharField(max_length=22)),
                ("hall", fields.CharField(max_length=40)),
                ("day", fields.CharField(description="2026-11-22", max_length=10)),
                ("source", fields.CharField(max_length=16)),
                ("agent", fields.CharField(max_length=16)),
                ("count", fields.BigIntField()),
            ],
            options={
                "table": "scans",
                "app": "qr",
                "unique_together": (("code", "day", "source", "agent"),),
                "indexes": [Index(fields=["hall", "day"], name="scans_hall_day")],
                "pk_attr": "id",
                "table_description": "How often a code was scanned on a day of its hall, from where and with what.",
            },
            bases=["Model"],
        ),
    ]

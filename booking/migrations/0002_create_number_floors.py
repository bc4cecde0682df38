from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_create_tickets")]

    initial = False

    operations = [
        ops.CreateModel(
            name="NumberFloor",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("hall", fields.CharField(max_length=40)),
                ("day", fields.CharField(max_length=10)),
                ("prefix", fields.CharField(max_length=4)),
                ("serial", fields.IntField()),
            ],
            options={
                "table": "number_floors",
                "app": "booking",
                "unique_together": (("hall", "day", "prefix"),),
                "pk_attr": "id",
                "table_description": "Numbers up to `serial` are not given on that day: after a restore they may be on paper in people's hands.",
            },
            bases=["Model"],
        ),
    ]

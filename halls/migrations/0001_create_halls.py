from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="HallRecord",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("rev", fields.IntField()),
                ("document", fields.JSONField(description="halls.schemas.HallInput")),
                ("created_at", fields.BigIntField(description="ms since 1970")),
                ("changed_at", fields.BigIntField(description="ms since 1970")),
            ],
            options={
                "table": "halls",
                "app": "halls",
                "pk_attr": "id",
                "table_description": "A hall's document as it was put, and its revision.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CounterRecord",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                (
                    "hall",
                    fields.ForeignKeyField(
                        "halls.HallRecord",
                        source_field="hall_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="counters",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "counters",
                "app": "halls",
                "pk_attr": "id",
                "table_description": "Whose counter it is: the key sees to it that an id is in one hall only.",
            },
            bases=["Model"],
        ),
    ]

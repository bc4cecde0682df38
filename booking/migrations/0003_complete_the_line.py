from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

# What SQLite loses when it makes the table anew for another CHECK.
KEYS_AND_INDEXES = (
    "CREATE UNIQUE INDEX IF NOT EXISTS tickets_number ON tickets (hall, day, prefix, serial)",
    "CREATE INDEX IF NOT EXISTS tickets_line ON tickets (hall, state, service, turn)",
    "CREATE INDEX IF NOT EXISTS tickets_calls ON tickets (hall, day, called_at)",
    "CREATE INDEX IF NOT EXISTS tickets_version ON tickets (hall, version)",
)


async def keep_keys_and_indexes(_apps: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect == "sqlite":
        for statement in KEYS_AND_INDEXES:
            await editor.client.execute_script(statement)


async def nothing(_apps: Any, _editor: Any) -> None:
    pass


class Migration(migrations.Migration):
    dependencies = [("booking", "0002_create_number_floors")]

    initial = False

    operations = [
        ops.CreateModel(
            name="PauseRecord",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, description="the hall", max_length=40
                    ),
                ),
                ("issuing", fields.BooleanField()),
                ("calling", fields.BooleanField()),
                ("message", fields.TextField(null=True, description="JSON: the words by language", unique=False)),
                ("since", fields.BigIntField(description="ms since 1970")),
                ("actor", fields.CharField(max_length=80)),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "pauses",
                "app": "booking",
                "pk_attr": "id",
                "table_description": "What a hall has stopped (`schemas.PauseRow`). A hall that never paused has no row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShareRecord",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, description="hall/profile", max_length=60
                    ),
                ),
                ("hall", fields.CharField(db_index=True, max_length=40)),
                ("profile", fields.CharField(max_length=16)),
                ("calls", fields.IntField()),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "line_shares",
                "app": "booking",
                "pk_attr": "id",
                "table_description": "How many calls in a row a profile of counters gave to the priority classes (`schemas.ShareRow`).",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="TicketRecord",
            name="claimed",
            field=fields.CharField(null=True, description="the class that staff have not confirmed", max_length=40),
        ),
        ops.AddField(
            model_name="TicketRecord",
            name="bound",
            field=fields.CharField(null=True, description="the only counter that calls it", max_length=48),
        ),
        ops.AddField(
            model_name="TicketRecord",
            name="remaining",
            field=fields.CharField(null=True, description="services to go on with: bill,device", max_length=400),
        ),
        ops.AddField(
            model_name="TicketRecord",
            name="age",
            field=fields.FloatField(null=True, description="the turn that it was issued with"),
        ),
        ops.RemoveConstraint(model_name="TicketRecord", name="tickets_state"),
        ops.AddConstraint(
            model_name="TicketRecord",
            constraint=CheckConstraint(
                check="state IN ('waiting', 'called', 'serving', 'parked', 'completed', 'no_show', 'left', 'cancelled', 'reset')",
                name="tickets_state",
            ),
        ),
        ops.RunPython(keep_keys_and_indexes, nothing),
    ]

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Contact",
            fields=[
                ("ticket", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("sealed", fields.TextField(unique=False)),
            ],
            options={
                "table": "contacts",
                "app": "booking",
                "pk_attr": "ticket",
                "table_description": "A phone number and name, sealed together as JSON, apart from the ticket, so that it can be erased alone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CounterRecord",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48)),
                ("hall", fields.CharField(db_index=True, max_length=40)),
                ("open", fields.BooleanField()),
                ("clerk", fields.CharField(null=True, max_length=80)),
                ("ticket", fields.CharField(null=True, max_length=32)),
                ("since", fields.BigIntField()),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "counter_states",
                "app": "booking",
                "pk_attr": "id",
                "table_description": "A counter's live state: the columns are those of `schemas.CounterRow`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TicketRecord",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("hall", fields.CharField(max_length=40)),
                ("day", fields.CharField(description="business day, 2026-11-22", max_length=10)),
                ("number", fields.CharField(max_length=16)),
                ("prefix", fields.CharField(max_length=4)),
                ("serial", fields.IntField()),
                ("service", fields.CharField(max_length=40)),
                ("class_", fields.CharField(source_field="class", max_length=40)),
                ("channel", fields.CharField(max_length=16)),
                ("state", fields.CharField(max_length=16)),
                ("turn", fields.FloatField()),
                ("counter", fields.CharField(null=True, max_length=48)),
                ("holder", fields.CharField(null=True, description="keyed hash of the phone number", max_length=32)),
                ("created_at", fields.BigIntField(description="ms since 1970, as all times here")),
                ("called_at", fields.BigIntField(null=True)),
                ("started_at", fields.BigIntField(null=True)),
                ("ended_at", fields.BigIntField(null=True)),
                ("calls", fields.IntField()),
                ("outcome", fields.CharField(null=True, max_length=40)),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "tickets",
                "app": "booking",
                "pk_attr": "id",
                "table_description": "A ticket: the columns are those of `schemas.TicketRow`.",
            },
            bases=["Model"],
        ),
        # CreateModel leaves checks out; on SQLite adding one makes the table anew, without its unique keys and indexes.
        ops.AddConstraint(
            model_name="TicketRecord",
            constraint=CheckConstraint(
                check="state IN ('waiting', 'called', 'serving', 'completed', 'no_show', 'left', 'reset')",
                name="tickets_state",
            ),
        ),
        ops.AddConstraint(
            model_name="TicketRecord", constraint=UniqueConstraint(fields=("hall", "day", "prefix", "serial"))
        ),
        ops.AddIndex("TicketRecord", Index(fields=["hall", "state", "service", "turn"], name="tickets_line")),
        ops.AddIndex("TicketRecord", Index(fields=["hall", "day", "called_at"], name="tickets_calls")),
        ops.AddIndex("TicketRecord", Index(fields=["hall", "version"], name="tickets_version")),
    ]

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("booking", "0003_complete_the_line")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ArchivedTicket",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("hall", fields.CharField(max_length=40)),
                ("day", fields.CharField(description="business day, 2026-11-22", max_length=10)),
                ("number", fields.CharField(max_length=16)),
                ("prefix", fields.CharField(max_length=4)),
                ("serial", fields.IntField()),
                ("service", fields.CharField(max_length=40)),
                ("class_", fields.CharField(source_field="class", max_length=40)),
                (
                    "claimed",
                    fields.CharField(null=True, description="the class that staff have not confirmed", max_length=40),
                ),
                ("channel", fields.CharField(max_length=16)),
                ("state", fields.CharField(max_length=16)),
                ("turn", fields.FloatField()),
                ("age", fields.FloatField(null=True, description="the turn that it was issued with")),
                ("bound", fields.CharField(null=True, description="the only counter that calls it", max_length=48)),
                (
                    "remaining",
                    fields.CharField(null=True, description="services to go on with: bill,device", max_length=400),
                ),
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
                "table": "archived_tickets",
                "app": "booking",
                "indexes": [Index(fields=["hall", "day"], name="archived_tickets_day")],
                "pk_attr": "id",
                "table_description": "A ticket of days gone by (`archive.TICKETS`).",
            },
            bases=["Model"],
        ),
        ops.RemoveIndex(
            model_name="TicketRecord",
            name="tickets_version",
        ),
    ]

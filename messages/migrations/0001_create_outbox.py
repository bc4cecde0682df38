from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Outgoing",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=22)),
                ("purpose", fields.CharField(max_length=32)),
                ("subject", fields.CharField(max_length=64)),
                ("hall", fields.CharField(null=True, max_length=40)),
                ("language", fields.CharField(max_length=8)),
                (
                    "params",
                    fields.TextField(description="JSON: what the text is filled with, nothing personal", unique=False),
                ),
                ("link", fields.TextField(null=True, description="JSON: schemas.Link", unique=False)),
                ("contact", fields.TextField(null=True, unique=False)),
                ("contact_since", fields.BigIntField(null=True)),
                ("state", fields.CharField(max_length=16)),
                ("created_at", fields.BigIntField()),
                ("due_at", fields.BigIntField()),
                ("lease", fields.CharField(null=True, max_length=22)),
                ("leased_until", fields.BigIntField(null=True)),
                ("round", fields.IntField(db_default=0)),
                ("tries", fields.IntField(db_default=0)),
                ("channel", fields.CharField(null=True, max_length=16)),
                ("sent_at", fields.BigIntField(null=True)),
                ("failed_at", fields.BigIntField(null=True)),
                ("last_error", fields.CharField(null=True, max_length=200)),
            ],
            options={
                "table": "outbox",
                "app": "messages",
                "pk_attr": "id",
                "table_description": "One message, of which there is one for each purpose and subject.",
            },
            bases=["Model"],
        ),
        # CreateModel leaves checks out; on SQLite adding one makes the table anew, without its unique keys and indexes.
        ops.AddConstraint(
            model_name="Outgoing",
            constraint=CheckConstraint(check="state IN ('waiting', 'sent', 'kept', 'failed')", name="outbox_state"),
        ),
        ops.AddConstraint(model_name="Outgoing", constraint=UniqueConstraint(fields=("purpose", "subject"))),
        ops.AddIndex("Outgoing", Index(fields=["state", "due_at"], name="outbox_due")),
        ops.AddIndex("Outgoing", Index(fields=["hall", "created_at"], name="outbox_hall")),
        ops.AddIndex("Outgoing", Index(fields=["created_at"], name="outbox_created_at")),
        ops.AddIndex("Outgoing", Index(fields=["contact_since"], name="outbox_contact_since")),
    ]

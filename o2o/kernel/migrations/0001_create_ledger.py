from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Event",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("tag", fields.CharField(max_length=64)),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
                ("op", fields.CharField(max_length=80)),
                ("ordinal", fields.IntField()),
                ("name", fields.CharField(max_length=32)),
                ("at", fields.BigIntField(description="ms since 1970")),
                ("actor", fields.CharField(max_length=80)),
                ("reason", fields.CharField(null=True, max_length=80)),
                ("ticket", fields.CharField(null=True, max_length=32)),
                ("counter", fields.CharField(null=True, max_length=48)),
                ("source", fields.CharField(null=True, description="the state before", max_length=16)),
                ("target", fields.CharField(null=True, description="the state after", max_length=16)),
                ("body", fields.CharField(description="digest of the request's body", max_length=32)),
                ("data", fields.TextField(unique=False)),
            ],
            options={
                "table": "events",
                "app": "kernel",
                "unique_together": (("op", "ordinal"), ("tag", "epoch", "version")),
                "indexes": [
                    Index(fields=["ticket"], name="events_ticket"),
                    Index(fields=["tag", "at"], name="events_tag_at"),
                ],
                "pk_attr": "id",
                "table_description": "One committed change: the audit, the history, and the idempotency record of the line's writes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Fence",
            fields=[
                ("tag", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("epoch", fields.BigIntField()),
            ],
            options={
                "table": "fences",
                "app": "kernel",
                "pk_attr": "tag",
                "table_description": "The epoch in force for one tag (`hall:heping`). A change of another epoch can't be committed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Idempotency",
            fields=[
                ("op", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("body", fields.CharField(max_length=32)),
                ("status", fields.IntField()),
                ("answer", fields.TextField(unique=False)),
                ("created_at", fields.BigIntField(description="ms since 1970")),
            ],
            options={
                "table": "idempotency",
                "app": "kernel",
                "indexes": [Index(fields=["created_at"], name="idempotency_created_at")],
                "pk_attr": "op",
                "table_description": "The stored answer of a write that is not the line's (pairing, say), kept for 24 h.",
            },
            bases=["Model"],
        ),
    ]

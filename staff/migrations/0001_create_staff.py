from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Person",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("username", fields.CharField(unique=True, max_length=32)),
                ("name", fields.CharField(max_length=64)),
                ("password_hash", fields.CharField(description="argon2id, with its parameters", max_length=160)),
                ("created_at", fields.BigIntField()),
                ("disabled_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "people",
                "app": "staff",
                "pk_attr": "id",
                "table_description": "A member of staff. Nobody is deleted, since events name people for ever.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Grant",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "staff.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="grants",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("role", fields.CharField(max_length=16)),
                ("scope", fields.CharField(max_length=48)),
                ("counter", fields.CharField(null=True, max_length=48)),
            ],
            options={
                "table": "grants",
                "app": "staff",
                "unique_together": (("person", "role", "scope"),),
                "pk_attr": "id",
                "table_description": "A role with its scope: a hall's id, or * for headquarters.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "staff.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sessions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=8)),
                ("created_at", fields.BigIntField()),
                ("last_seen_at", fields.BigIntField()),
                ("expires_at", fields.BigIntField()),
                ("ended_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "sessions",
                "app": "staff",
                "indexes": [Index(fields=["expires_at"], name="sessions_expires_at")],
                "pk_attr": "id",
                "table_description": "One sign-in, by the hash of its token.",
            },
            bases=["Model"],
        ),
    ]

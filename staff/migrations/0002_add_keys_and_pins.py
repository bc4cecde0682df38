from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_create_staff")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Person",
            name="pin_hash",
            field=fields.CharField(null=True, max_length=160),
        ),
        ops.AddField(model_name="Session", name="locked_at", field=fields.BigIntField(null=True)),
        ops.AddField(
            model_name="Session",
            name="pin_tries",
            field=fields.IntField(db_default=0),
        ),
        ops.CreateModel(
            name="ApiKey",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=22)),
                ("token_hash", fields.CharField(unique=True, max_length=64)),
                ("name", fields.CharField(max_length=64)),
                ("role", fields.CharField(max_length=16)),
                ("scope", fields.CharField(max_length=48)),
                ("read_only", fields.BooleanField()),
                (
                    "maker",
                    fields.ForeignKeyField(
                        "staff.Person",
                        source_field="maker_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="keys",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", fields.BigIntField()),
                ("expires_at", fields.BigIntField(null=True)),
                ("last_used_at", fields.BigIntField(null=True)),
                ("revoked_at", fields.BigIntField(null=True)),
            ],
            options={
                "table": "api_keys",
                "app": "staff",
                "pk_attr": "id",
                "table_description": "What a program may, in the name of the person who made it, by the hash of its token.",
            },
            bases=["Model"],
        ),
    ]

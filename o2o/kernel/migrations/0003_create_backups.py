from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_create_audit")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Backup",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.BigIntField(description="ms since 1970")),
                ("release", fields.CharField(max_length=32)),
                (
                    "keys",
                    fields.TextField(
                        description="fingerprints of the secret keys then in force, separated by commas", unique=False
                    ),
                ),
                ("file", fields.TextField(unique=False)),
                (
                    "done_at",
                    fields.BigIntField(null=True, description="when it was whole and checked, which no backup knows"),
                ),
                ("restored_at", fields.BigIntField(null=True, description="when this database was made from it")),
            ],
            options={
                "table": "backups",
                "app": "kernel",
                "pk_attr": "id",
                "table_description": "One backup, noted before it is taken: a backup knows its own moment and keys, and SQL when the last one was.",
            },
            bases=["Model"],
        ),
    ]

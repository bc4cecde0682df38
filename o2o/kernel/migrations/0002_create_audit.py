from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

APPEND_ONLY = ("events", "audit")


async def make_append_only(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "postgres":
        await editor.client.execute_script(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
        for table in APPEND_ONLY:
            await editor.client.execute_script(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
    else:
        for table in APPEND_ONLY:
            for change in ("UPDATE", "DELETE"):
                await editor.client.execute_script(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


async def make_changeable(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "postgres":
        for table in APPEND_ONLY:
            await editor.client.execute_script(f"DROP TRIGGER {table}_append_only ON {table}")
        await editor.client.execute_script("DROP FUNCTION refuse_change()")
    else:
        for table in APPEND_ONLY:
            for change in ("update", "delete"):
                await editor.client.execute_script(f"DROP TRIGGER {table}_no_{change}")


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_create_ledger")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Deed",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "tag",
                    fields.CharField(
                        description="whose it is: hall:heping, province:tianjin, place:tianjin, *", max_length=64
                    ),
                ),
                ("at", fields.BigIntField(description="ms since 1970")),
                ("name", fields.CharField(max_length=32)),
                ("actor", fields.CharField(max_length=80)),
                ("subject", fields.CharField(null=True, description="whom or what it was done to", max_length=80)),
                ("before", fields.TextField(null=True, description="JSON: what was", unique=False)),
                ("after", fields.TextField(null=True, description="JSON: what is since", unique=False)),
            ],
            options={
                "table": "audit",
                "app": "kernel",
                "indexes": [Index(fields=["tag", "at"], name="audit_tag_at")],
                "pk_attr": "id",
                "table_description": "One change to how the service is run: people, rights, a hall's document, screens, codes.",
            },
            bases=["Model"],
        ),
        ops.RunPython(make_append_only, make_changeable),
    ]

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

COLUMNS = (
    "id", "tag", "epoch", "version", "op", "ordinal", "name", "at", "actor", "reason", "ticket", "counter", "source",
    "target", "body", "data",
)  # fmt: skip

# An event leaves the live table only while the archive has it, unchanged; from there nothing ever goes.
POSTGRES = (
    "DROP TRIGGER events_append_only ON events",
    "CREATE TRIGGER events_append_only BEFORE UPDATE OR TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    f"""CREATE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT 1 FROM archived_events AS kept WHERE kept.id = OLD.id
                   AND ({", ".join(f"kept.{column}" for column in COLUMNS)})
                   IS NOT DISTINCT FROM ({", ".join(f"OLD.{column}" for column in COLUMNS)})) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    "CREATE TRIGGER events_no_loss BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_loss()",
    "CREATE TRIGGER archived_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON archived_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
SQLITE = (
    "DROP TRIGGER events_no_delete",
    f"""CREATE TRIGGER events_no_delete BEFORE DELETE ON events
        WHEN NOT EXISTS (SELECT 1 FROM archived_events AS kept
                         WHERE {" AND ".join(f"kept.{column} IS OLD.{column}" for column in COLUMNS)})
        BEGIN SELECT RAISE(ABORT, 'events is append-only'); END""",
    "CREATE TRIGGER archived_events_no_update BEFORE UPDATE ON archived_events BEGIN SELECT RAISE(ABORT, 'archived_events is append-only'); END",
    "CREATE TRIGGER archived_events_no_delete BEFORE DELETE ON archived_events BEGIN SELECT RAISE(ABORT, 'archived_events is append-only'); END",
)
POSTGRES_BACK = (
    "DROP TRIGGER archived_events_append_only ON archived_events",
    "DROP TRIGGER events_no_loss ON events",
    "DROP FUNCTION refuse_loss()",
    "DROP TRIGGER events_append_only ON events",
    "CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
SQLITE_BACK = (
    "DROP TRIGGER archived_events_no_delete",
    "DROP TRIGGER archived_events_no_update",
    "DROP TRIGGER events_no_delete",
    "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only'); END",
)


async def let_go_what_is_archived(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in POSTGRES if editor.client.capabilities.dialect == "postgres" else SQLITE:
        await editor.client.execute_script(statement)


async def let_nothing_go(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in POSTGRES_BACK if editor.client.capabilities.dialect == "postgres" else SQLITE_BACK:
        await editor.client.execute_script(statement)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_create_backups")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ArchivedEvent",
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
                "table": "archived_events",
                "app": "kernel",
                "indexes": [
                    Index(fields=["ticket"], name="archived_events_ticket"),
                    Index(fields=["tag", "at"], name="archived_events_tag_at"),
                ],
                "pk_attr": "id",
                "table_description": "An event of days gone by. It is here, unchanged, before a trigger lets it go from there. Nothing leaves here.",
            },
            bases=["Model"],
        ),
        ops.RunPython(let_go_what_is_archived, let_nothing_go),
    ]

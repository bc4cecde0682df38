from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

TABLE = "tracking_events"


async def make_append_only(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "postgres":
        await editor.client.execute_script(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    else:
        for change in ("UPDATE", "DELETE"):
            await editor.client.execute_script(
                f"CREATE TRIGGER {TABLE}_no_{change.lower()} BEFORE {change} ON {TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            )


async def make_changeable(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "postgres":
        await editor.client.execute_script(f"DROP TRIGGER {TABLE}_append_only ON {TABLE}")
    else:
        for change in ("update", "delete"):
            await editor.client.execute_script(f"DROP TRIGGER {TABLE}_no_{change}")


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_create_watchers"), ("kernel", "0002_create_audit")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Shipment",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=22)),
                ("order_id", fields.CharField(db_index=True, max_length=32)),
                ("place", fields.CharField(max_length=40)),
                ("lines", fields.JSONField(description="the numbers of the order's lines")),
                ("carrier", fields.CharField(max_length=30)),
                ("tracking", fields.CharField(max_length=32)),
                ("state", fields.CharField(max_length=16)),
                ("real_name", fields.BooleanField()),
                ("identity_checked", fields.BooleanField(default=False)),
                ("whereabouts", fields.CharField(null=True, max_length=20)),
                ("scanned_at", fields.BigIntField(null=True)),
                ("followed", fields.BooleanField(default=False)),
                ("ask_at", fields.BigIntField(null=True)),
                ("shipped_at", fields.BigIntField()),
                ("changed_at", fields.BigIntField()),
            ],
            options={
                "table": "shipments",
                "app": "orders",
                "indexes": [
                    Index(fields=["place", "state", "shipped_at"], name="shipments_place"),
                    Index(fields=["ask_at"], name="shipments_ask_at"),
                ],
                "pk_attr": "id",
                "table_description": "A parcel that left a place with lines of one order.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="Shipment",
            constraint=CheckConstraint(
                check="state IN ('shipped', 'failed', 'delivered', 'returned')",
                name="shipments_state",
            ),
        ),
        ops.AddConstraint(
            model_name="Shipment",
            constraint=CheckConstraint(
                check="NOT real_name OR identity_checked OR state <> 'delivered'",
                name="shipments_real_name",
            ),
        ),
        ops.CreateModel(
            name="TrackingEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("shipment_id", fields.CharField(max_length=22)),
                ("at", fields.BigIntField()),
                ("source", fields.CharField(max_length=16)),
                ("text", fields.CharField(max_length=300)),
            ],
            options={
                "table": "tracking_events",
                "app": "orders",
                "unique_together": (("shipment_id", "at", "source", "text"),),
                "pk_attr": "id",
                "table_description": "One thing that was said of a parcel, by the carrier or by our people: only ever added to.",
            },
            bases=["Model"],
        ),
        ops.RunPython(make_append_only, make_changeable),
    ]

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

TABLE = "stock_movements"


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


async def fence_the_halls(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    """A hall's stock has epochs of its own, beside its line's."""
    await editor.client.execute_script(
        "INSERT INTO fences (tag, epoch) SELECT 'place:' || id, 1 FROM halls WHERE true ON CONFLICT (tag) DO NOTHING"
    )


async def nothing(_apps: StateApps, _editor: BaseSchemaEditor) -> None:
    pass


class Migration(migrations.Migration):
    dependencies = [("halls", "0001_create_halls"), ("kernel", "0002_create_audit")]

    initial = False

    operations = [
        ops.CreateModel(
            name="StockAllocation",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, description="its hold's", max_length=32
                    ),
                ),
                ("place", fields.CharField(max_length=40)),
                ("sku", fields.CharField(max_length=40)),
                ("quantity", fields.IntField()),
                ("state", fields.CharField(max_length=16)),
                ("line", fields.CharField(max_length=80)),
                ("created_at", fields.BigIntField()),
                ("ended_at", fields.BigIntField(null=True)),
                ("why", fields.CharField(null=True, max_length=80)),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "stock_allocations",
                "app": "halls",
                "pk_attr": "id",
                "table_description": "What an order's line has been promised (`stock.schemas.Allocation`).",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="StockAllocation",
            constraint=CheckConstraint(
                check="state IN ('allocated', 'released', 'handed_over', 'returned')", name="stock_allocations_state"
            ),
        ),
        ops.AddIndex("StockAllocation", Index(fields=["place", "state"], name="stock_allocations_place")),
        ops.AddIndex("StockAllocation", Index(fields=["line"], name="stock_allocations_line")),
        ops.CreateModel(
            name="StockHold",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("place", fields.CharField(max_length=40)),
                ("sku", fields.CharField(max_length=40)),
                ("quantity", fields.IntField()),
                ("state", fields.CharField(max_length=16)),
                ("holder", fields.CharField(max_length=80)),
                ("hall", fields.CharField(null=True, description="where they were", max_length=40)),
                ("ticket", fields.CharField(null=True, max_length=32)),
                ("created_at", fields.BigIntField(description="ms since 1970, as all times here")),
                ("expires_at", fields.BigIntField()),
                ("ended_at", fields.BigIntField(null=True)),
                ("why", fields.CharField(null=True, max_length=80)),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "stock_holds",
                "app": "halls",
                "pk_attr": "id",
                "table_description": "Some of a product kept for somebody (`stock.schemas.Hold`).",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="StockHold",
            constraint=CheckConstraint(
                check="state IN ('active', 'converted', 'released', 'expired')", name="stock_holds_state"
            ),
        ),
        ops.AddIndex("StockHold", Index(fields=["state", "expires_at"], name="stock_holds_due")),
        ops.AddIndex("StockHold", Index(fields=["place", "state"], name="stock_holds_place")),
        ops.AddIndex("StockHold", Index(fields=["ticket"], name="stock_holds_ticket")),
        ops.CreateModel(
            name="StockLevel",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, description="place/sku", max_length=81
                    ),
                ),
                ("place", fields.CharField(max_length=40)),
                ("sku", fields.CharField(max_length=40)),
                ("on_hand", fields.IntField()),
                ("allocated", fields.IntField()),
                ("held", fields.IntField()),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "stock_levels",
                "app": "halls",
                "pk_attr": "id",
                "table_description": "How much of a product a place has (`stock.schemas.Level`).",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="StockLevel",
            constraint=CheckConstraint(
                check="allocated >= 0 AND held >= 0 AND allocated + held <= on_hand", name="stock_levels_kept"
            ),
        ),
        ops.AddIndex("StockLevel", Index(fields=["sku", "place"], name="stock_levels_sku")),
        ops.AddIndex("StockLevel", Index(fields=["place"], name="stock_levels_place")),
        ops.CreateModel(
            name="StockMovement",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, description="place/epoch/version", max_length=80
                    ),
                ),
                ("place", fields.CharField(max_length=40)),
                ("sku", fields.CharField(max_length=40)),
                ("kind", fields.CharField(max_length=16)),
                ("quantity", fields.IntField(description="by how much it changed")),
                ("on_hand", fields.IntField(description="what there is since")),
                ("at", fields.BigIntField(description="ms since 1970")),
                ("actor", fields.CharField(max_length=80)),
                ("reason", fields.CharField(null=True, max_length=80)),
                (
                    "subject",
                    fields.CharField(null=True, description="the allocation that left or came back", max_length=32),
                ),
                (
                    "other",
                    fields.CharField(null=True, description="the place that it went to or came from", max_length=40),
                ),
                ("pair", fields.CharField(null=True, description="the movement that sent what arrived", max_length=80)),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "stock_movements",
                "app": "halls",
                "pk_attr": "id",
                "table_description": "One change of what a place has (`stock.schemas.Movement`): a trigger refuses to change it or take it out.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="StockMovement",
            constraint=CheckConstraint(
                check="kind IN ('received', 'sold', 'counted', 'damaged', 'transferred', 'returned')",
                name="stock_movements_kind_known",
            ),
        ),
        ops.AddIndex("StockMovement", Index(fields=["place", "sku", "epoch", "version"], name="stock_movements_place")),
        ops.AddIndex("StockMovement", Index(fields=["kind", "at"], name="stock_movements_kind")),
        ops.AddIndex("StockMovement", Index(fields=["pair"], name="stock_movements_pair")),
        ops.CreateModel(
            name="StockSerial",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, description="place/sku/serial", max_length=122
                    ),
                ),
                ("place", fields.CharField(max_length=40)),
                ("sku", fields.CharField(max_length=40)),
                ("serial", fields.CharField(max_length=40)),
                ("state", fields.CharField(max_length=16)),
                (
                    "here",
                    fields.BooleanField(
                        null=True, description="true or nothing, so that the key counts only pieces here"
                    ),
                ),
                ("allocation", fields.CharField(null=True, description="with which it left", max_length=32)),
                ("epoch", fields.BigIntField()),
                ("version", fields.BigIntField()),
            ],
            options={
                "table": "stock_serials",
                "app": "halls",
                "pk_attr": "id",
                "table_description": "A piece with a number of its own. It is in one place: while it is here it is nowhere else.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="StockSerial",
            constraint=CheckConstraint(check="state IN ('here', 'gone')", name="stock_serials_state"),
        ),
        ops.AddConstraint(
            model_name="StockSerial",
            constraint=UniqueConstraint(fields=("sku", "serial", "here"), name="stock_serials_once"),
        ),
        ops.AddIndex("StockSerial", Index(fields=["allocation"], name="stock_serials_allocation")),
        ops.CreateModel(
            name="Warehouse",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                (
                    "document",
                    fields.JSONField(description="halls.stock.places.WarehouseInput"),
                ),
                ("created_at", fields.BigIntField(description="ms since 1970")),
            ],
            options={
                "table": "warehouses",
                "app": "halls",
                "pk_attr": "id",
                "table_description": "A place that has stock and no counters, as it was put. Its id is no hall's.",
            },
            bases=["Model"],
        ),
        ops.RunPython(make_append_only, make_changeable),
        ops.RunPython(fence_the_halls, nothing),
    ]

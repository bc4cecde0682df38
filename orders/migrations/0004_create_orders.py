from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

APPEND_ONLY = ("order_events", "money_events")
# What a place has still to do, which is nothing nearly always.
BEHIND = "CREATE INDEX order_lines_behind ON order_lines (changed_at) WHERE stock <> stock_due OR back <> back_done"


async def finish(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    run = editor.client.execute_script
    await run(BEHIND)
    for table in APPEND_ONLY:
        if editor.client.capabilities.dialect == "postgres":
            await run(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        else:
            for change in ("UPDATE", "DELETE"):
                await run(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


async def undo(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    run = editor.client.execute_script
    await run("DROP INDEX order_lines_behind")
    for table in APPEND_ONLY:
        if editor.client.capabilities.dialect == "postgres":
            await run(f"DROP TRIGGER {table}_append_only ON {table}")
        else:
            for change in ("update", "delete"):
                await run(f"DROP TRIGGER {table}_no_{change}")


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_create_delivery_rates"), ("kernel", "0002_create_audit")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BuyerRecord",
            fields=[
                ("holder", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("orders", fields.IntField()),
            ],
            options={
                "table": "order_buyers",
                "app": "orders",
                "pk_attr": "holder",
                "table_description": "One person's orders come one after the other through this row, so that a limit a person holds in a race.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LineRecord",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("order_id", fields.CharField(max_length=32)),
                ("number", fields.IntField()),
                ("sku", fields.CharField(max_length=40)),
                ("name_zh", fields.CharField(max_length=120)),
                ("name_en", fields.CharField(max_length=120)),
                ("price", fields.BigIntField(description="of one")),
                ("quantity", fields.IntField()),
                ("fulfilment", fields.CharField(max_length=16)),
                ("place", fields.CharField(max_length=40)),
                ("state", fields.CharField(max_length=16)),
                (
                    "allocation",
                    fields.CharField(
                        null=True, description="the hold that became it, or null: no stock", max_length=32
                    ),
                ),
                ("stock", fields.CharField(max_length=16)),
                ("stock_due", fields.CharField(max_length=16)),
                ("serials", fields.TextField(null=True, description="separated by commas", unique=False)),
                ("refunded", fields.IntField(default=0)),
                ("back", fields.IntField(default=0)),
                ("back_done", fields.IntField(default=0)),
                ("changed_at", fields.BigIntField()),
            ],
            options={
                "table": "order_lines",
                "app": "orders",
                "pk_attr": "id",
                "table_description": "What an order has of one product from one place. `number` counts from 1.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MoneyEventRecord",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("op", fields.CharField(unique=True, max_length=32)),
                ("order_id", fields.CharField(max_length=32)),
                ("at", fields.BigIntField()),
                ("kind", fields.CharField(max_length=16)),
                ("method", fields.CharField(max_length=16)),
                ("amount", fields.BigIntField()),
                ("hall", fields.CharField(description="or another place, where the money is", max_length=40)),
                ("counter", fields.CharField(null=True, max_length=48)),
                ("actor", fields.CharField(max_length=80)),
                ("reason", fields.CharField(null=True, max_length=80)),
            ],
            options={
                "table": "money_events",
                "app": "orders",
                "pk_attr": "id",
                "table_description": "Money that came or went, once for each operation: only ever added to. `amount` is below nothing for a refund.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OrderContactRecord",
            fields=[
                ("order_id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("sealed", fields.TextField(unique=False)),
            ],
            options={
                "table": "order_contacts",
                "app": "orders",
                "pk_attr": "order_id",
                "table_description": "Phone number, address and pick-up code, sealed together as JSON, so that they can be erased alone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OrderEventRecord",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("order_id", fields.CharField(db_index=True, max_length=32)),
                ("at", fields.BigIntField()),
                ("name", fields.CharField(max_length=32)),
                ("actor", fields.CharField(max_length=80)),
                ("line", fields.IntField(null=True)),
                ("source", fields.CharField(null=True, max_length=16)),
                ("target", fields.CharField(null=True, max_length=16)),
                ("reason", fields.CharField(null=True, max_length=80)),
                ("data", fields.TextField(null=True, description="JSON", unique=False)),
            ],
            options={
                "table": "order_events",
                "app": "orders",
                "pk_attr": "id",
                "table_description": "One change of an order: only ever added to.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OrderRecord",
            fields=[
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("hall", fields.CharField(max_length=40)),
                ("shown_in", fields.CharField(max_length=40)),
                ("code", fields.CharField(null=True, max_length=32)),
                (
                    "issued_by",
                    fields.CharField(null=True, description="the clerk or agent whose code it was", max_length=80),
                ),
                ("campaign", fields.CharField(null=True, max_length=80)),
                ("holder", fields.CharField(max_length=32)),
                ("state", fields.CharField(max_length=16)),
                ("payment", fields.CharField(max_length=16)),
                ("pay_at", fields.CharField(description="counter or delivery", max_length=16)),
                ("goods", fields.BigIntField(description="what the lines cost")),
                ("delivery_fee", fields.BigIntField()),
                ("pickup_hash", fields.CharField(null=True, unique=True, max_length=32)),
                (
                    "pickup_until",
                    fields.BigIntField(null=True, description="later it goes back to the shelf"),
                ),
                ("notices", fields.IntField(default=0, description="how often it was said that it is ready")),
                ("language", fields.CharField(description="in which its customer is told", max_length=8)),
                ("placed_at", fields.BigIntField()),
                ("changed_at", fields.BigIntField()),
                ("version", fields.IntField()),
            ],
            options={
                "table": "orders",
                "app": "orders",
                "pk_attr": "id",
                "table_description": "An order. Who it is for is sealed apart: `holder` is the keyed hash of the phone number.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="LineRecord",
            constraint=CheckConstraint(
                check="state IN ('allocated', 'ready', 'collected', 'picked', 'shipped', 'delivered', 'returned')",
                name="order_lines_state",
            ),
        ),
        ops.AddConstraint(
            model_name="LineRecord",
            constraint=CheckConstraint(check="quantity > 0 AND price >= 0", name="order_lines_amount"),
        ),
        ops.AddConstraint(
            model_name="LineRecord",
            constraint=CheckConstraint(check="refunded BETWEEN 0 AND quantity", name="order_lines_refunded"),
        ),
        ops.AddConstraint(
            model_name="LineRecord",
            constraint=CheckConstraint(
                check="back BETWEEN 0 AND quantity AND back_done BETWEEN 0 AND back", name="order_lines_back"
            ),
        ),
        ops.AddConstraint(
            model_name="MoneyEventRecord",
            constraint=CheckConstraint(
                check="(kind = 'payment' AND amount > 0) OR (kind = 'refund' AND amount < 0)", name="money_events_kind"
            ),
        ),
        ops.AddConstraint(
            model_name="OrderRecord",
            constraint=CheckConstraint(check="state IN ('placed', 'paid', 'closed', 'cancelled')", name="orders_state"),
        ),
        ops.AddConstraint(
            model_name="OrderRecord",
            constraint=CheckConstraint(check="payment IN ('open', 'paid', 'shut', 'late')", name="orders_payment"),
        ),
        ops.AddConstraint(
            model_name="OrderRecord",
            constraint=CheckConstraint(check="goods >= 0 AND delivery_fee >= 0", name="orders_sums"),
        ),
        ops.AddConstraint(
            model_name="LineRecord",
            constraint=UniqueConstraint(fields=("order_id", "number"), name="order_lines_number"),
        ),
        # After the constraints: for one SQLite makes the table anew, and loses them.
        ops.AddIndex(model_name="LineRecord", index=Index(fields=("place", "state"), name="order_lines_place")),
        ops.AddIndex(model_name="MoneyEventRecord", index=Index(fields=("hall", "at"), name="money_events_hall")),
        ops.AddIndex(model_name="MoneyEventRecord", index=Index(fields=("order_id",), name="money_events_order")),
        ops.AddIndex(model_name="OrderRecord", index=Index(fields=("hall", "placed_at"), name="orders_hall")),
        ops.AddIndex(model_name="OrderRecord", index=Index(fields=("holder",), name="orders_holder")),
        ops.AddIndex(model_name="OrderRecord", index=Index(fields=("pickup_until",), name="orders_pickup")),
        ops.RunPython(finish, undo),
    ]

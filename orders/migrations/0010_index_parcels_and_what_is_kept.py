from tortoise import migrations

from o2o.kernel.indexing import build_indexes


class Migration(migrations.Migration):
    """The parcels' own indexes are there on PostgreSQL: SQLite lost them where 0006 put constraints on their table."""

    dependencies = [("orders", "0009_account_for_goods")]

    initial = False
    atomic = False

    operations = [
        build_indexes(
            idx_shipments_order_i_56faf1="shipments (order_id)",
            shipments_place="shipments (place, state, shipped_at)",
            shipments_ask_at="shipments (ask_at)",
            order_lines_kept="order_lines (place, sku) WHERE stock IN ('held', 'allocated')",
            orders_due_at_the_door="orders (placed_at, id) WHERE state = 'placed' AND pay_at = 'delivery'",
        ),
    ]

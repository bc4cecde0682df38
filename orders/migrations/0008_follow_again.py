from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_promise_windows")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Shipment",
            name="followed_again",
            field=fields.IntField(db_default=0, description="how often, after it had been given up"),
        ),
    ]

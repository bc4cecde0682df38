from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_create_shipments")]

    initial = False

    # No CHECK: on SQLite Tortoise would write the table anew for it, and leave its indexes behind.
    operations = [
        ops.AddField(
            model_name="LineRecord",
            name="window_start",
            field=fields.BigIntField(null=True, description="when it was promised at the door, of what is sent"),
        ),
        ops.AddField(model_name="LineRecord", name="window_end", field=fields.BigIntField(null=True)),
    ]

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("websocket", "0001_create_devices")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Device",
            name="name",
            field=fields.CharField(null=True, description="by which the hall's people know it", max_length=40),
        ),
    ]

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_follow_again")]

    initial = False

    # Null in the rows of before, and in those that the release before writes: refunds took the goods back then.
    operations = [
        ops.AddField(
            model_name="LineRecord",
            name="accounted",
            field=fields.IntField(null=True, description="null: all that were refunded"),
        ),
    ]

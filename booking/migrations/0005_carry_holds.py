from tortoise import fields, migrations
from tortoise.migrations import operations as ops

HOLD = "the hold on stock that it carries"
GOODS = "what that holds: case-clear:2"


class Migration(migrations.Migration):
    dependencies = [("booking", "0004_create_archive")]

    initial = False

    operations = [
        operation
        for model in ("TicketRecord", "ArchivedTicket")
        for operation in (
            ops.AddField(
                model_name=model, name="hold", field=fields.CharField(null=True, description=HOLD, max_length=40)
            ),
            ops.AddField(
                model_name=model, name="goods", field=fields.CharField(null=True, description=GOODS, max_length=52)
            ),
        )
    ]

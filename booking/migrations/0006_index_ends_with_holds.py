from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """`CONCURRENTLY` is PostgreSQL's alone, and days gone by are elsewhere: a live table is indexed in a moment."""

    dependencies = [("booking", "0005_carry_holds")]

    initial = False

    operations = [
        ops.RunSQL(
            "CREATE INDEX tickets_ended_with_holds ON tickets (ended_at) WHERE hold IS NOT NULL",
            reverse_sql="DROP INDEX tickets_ended_with_holds",
        )
    ]

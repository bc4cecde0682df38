from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

# FTS5 keeps its words in a table of its own, which triggers keep true: whoever writes products need not know of it.
SQLITE = (
    "CREATE VIRTUAL TABLE products_words USING fts5(sku UNINDEXED, searched, prefix='1 2 3')",
    (
        "CREATE TRIGGER products_words_new AFTER INSERT ON products BEGIN "
        "INSERT INTO products_words (sku, searched) VALUES (new.sku, new.searched); END"
    ),
    (
        "CREATE TRIGGER products_words_gone AFTER DELETE ON products BEGIN "
        "DELETE FROM products_words WHERE sku = old.sku; END"
    ),
    (
        "CREATE TRIGGER products_words_changed AFTER UPDATE ON products BEGIN "
        "UPDATE products_words SET searched = new.searched WHERE sku = new.sku; END"
    ),
)


async def index_words(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "postgres":
        # The words are cut by us, so that no parser's idea of a word comes between, whatever the locale is.
        await editor.client.execute_script(
            "CREATE INDEX products_words ON products USING gin (array_to_tsvector(string_to_array(searched, ' ')))"
        )
    else:
        for statement in SQLITE:
            await editor.client.execute_script(statement)


async def drop_words(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    if editor.client.capabilities.dialect == "postgres":
        await editor.client.execute_script("DROP INDEX products_words")
    else:
        for trigger in ("new", "gone", "changed"):
            await editor.client.execute_script(f"DROP TRIGGER products_words_{trigger}")
        await editor.client.execute_script("DROP TABLE products_words")


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ProductRecord",
            fields=[
                ("sku", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("rev", fields.IntField()),
                ("kind", fields.CharField(max_length=16)),
                ("price", fields.BigIntField(description="fen")),
                ("listed_from", fields.BigIntField(null=True)),
                ("listed_to", fields.BigIntField(null=True)),
                ("document", fields.JSONField(description="orders.schemas.ProductInput")),
                ("searched", fields.TextField(description="words that it is found by, a space between", unique=False)),
                ("created_at", fields.BigIntField()),
                ("changed_at", fields.BigIntField()),
            ],
            options={
                "table": "products",
                "app": "orders",
                "pk_attr": "sku",
                "table_description": "A product as it was put, and its revision.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="ProductRecord",
            constraint=CheckConstraint(
                check="kind IN ('device', 'accessory', 'sim', 'topup', 'plan')",
                name="products_kind",
            ),
        ),
        ops.AddConstraint(
            model_name="ProductRecord",
            constraint=CheckConstraint(
                check="price >= 0",
                name="products_price",
            ),
        ),
        ops.RunPython(index_words, drop_words),
    ]

from tortoise import migrations

from o2o.kernel.indexing import build_indexes


class Migration(migrations.Migration):
    """A place that is loaded anew reads its own pieces, and not those of the whole country."""

    dependencies = [("halls", "0002_create_stock")]

    initial = False
    atomic = False

    operations = [build_indexes(stock_serials_place="stock_serials (place, state, sku, serial)")]

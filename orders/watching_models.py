"""The waiting list of products. Times are ms since 1970."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class WatcherRecord(Model):
    """Somebody who wants to be told once, when there is some of a product again.

    `hall`: only of what is there. `watching` names whom and what while they wait, so that the key allows no second wish
    of the same; who was told watches nothing. The contact is sealed; the whole row goes some time after they were told.
    """

    id = fields.CharField(max_length=22, primary_key=True)
    sku = fields.CharField(max_length=40)
    hall = fields.CharField(max_length=40, null=True)
    holder = fields.CharField(max_length=32, description="keyed hash of where they are reached")
    watching = fields.CharField(max_length=120, null=True, unique=True)
    contact = fields.TextField()
    language = fields.CharField(max_length=8)
    created_at = fields.BigIntField()
    told_at = fields.BigIntField(null=True)

    class Meta:
        table = "watchers"
        indexes = (
            Index(fields=("told_at", "sku", "created_at"), name="watchers_line"),
            Index(fields=("holder",), name="watchers_holder"),
        )

"""The tables of halls."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class HallRecord(Model):
    """A hall's document as it was put, and its revision.

    A hall is written whole, read whole and kept in memory by every process, so that tables for its services, hours and
    rules would only be joined back together. What SQL has to decide about, it has columns for.
    """

    id = fields.CharField(max_length=40, primary_key=True)
    rev = fields.IntField()
    document: fields.JSONField[dict[str, Any]] = fields.JSONField(description="halls.schemas.HallInput")
    created_at = fields.BigIntField(description="ms since 1970")
    changed_at = fields.BigIntField(description="ms since 1970")

    class Meta:
        table = "halls"


class CounterRecord(Model):
    """Whose counter it is: the key sees to it that an id is in one hall only."""

    id = fields.CharField(max_length=40, primary_key=True)
    hall: fields.ForeignKeyRelation[HallRecord] = fields.ForeignKeyField(
        "halls.HallRecord", related_name="counters", on_delete=fields.OnDelete.CASCADE
    )
    hall_id: str

    class Meta:
        table = "counters"

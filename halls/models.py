"""The tables of halls and of their stock. Only the ledger writes what a place has (o2o/kernel/ledger.py)."""

from enum import StrEnum
from typing import Any, Final

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from halls.stock.states import AllocationState, HoldState, MovementKind, SerialState
from o2o.kernel.statements import Table


def _one_of(states: type[StrEnum]) -> str:
    return ", ".join(f"'{state}'" for state in states)


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


class Warehouse(Model):
    """A place that has stock and no counters, as it was put. Its id is no hall's."""

    id = fields.CharField(max_length=40, primary_key=True)
    document: fields.JSONField[dict[str, Any]] = fields.JSONField(description="halls.stock.places.WarehouseInput")
    created_at = fields.BigIntField(description="ms since 1970")

    class Meta:
        table = "warehouses"


class StockLevel(Model):
    """How much of a product a place has (`stock.schemas.Level`)."""

    id = fields.CharField(max_length=81, primary_key=True, description="place/sku")
    place = fields.CharField(max_length=40)
    sku = fields.CharField(max_length=40)
    on_hand = fields.IntField()
    allocated = fields.IntField()
    held = fields.IntField()
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "stock_levels"
        indexes = (
            Index(fields=("sku", "place"), name="stock_levels_sku"),
            Index(fields=("place",), name="stock_levels_place"),
        )
        constraints = (
            CheckConstraint(
                check="allocated >= 0 AND held >= 0 AND allocated + held <= on_hand", name="stock_levels_kept"
            ),
        )


class StockHold(Model):
    """Some of a product kept for somebody (`stock.schemas.Hold`)."""

    id = fields.CharField(max_length=32, primary_key=True)
    place = fields.CharField(max_length=40)
    sku = fields.CharField(max_length=40)
    quantity = fields.IntField()
    state = fields.CharField(max_length=16)
    holder = fields.CharField(max_length=80)
    hall = fields.CharField(max_length=40, null=True, description="where they were")
    ticket = fields.CharField(max_length=32, null=True)
    created_at = fields.BigIntField(description="ms since 1970, as all times here")
    expires_at = fields.BigIntField()
    ended_at = fields.BigIntField(null=True)
    why = fields.CharField(max_length=80, null=True)
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "stock_holds"
        indexes = (
            Index(fields=("state", "expires_at"), name="stock_holds_due"),
            Index(fields=("place", "state"), name="stock_holds_place"),
            Index(fields=("ticket",), name="stock_holds_ticket"),
        )
        constraints = (CheckConstraint(check=f"state IN ({_one_of(HoldState)})", name="stock_holds_state"),)


class StockAllocation(Model):
    """What an order's line has been promised (`stock.schemas.Allocation`)."""

    id = fields.CharField(max_length=32, primary_key=True, description="its hold's")
    place = fields.CharField(max_length=40)
    sku = fields.CharField(max_length=40)
    quantity = fields.IntField()
    state = fields.CharField(max_length=16)
    line = fields.CharField(max_length=80)
    created_at = fields.BigIntField()
    ended_at = fields.BigIntField(null=True)
    why = fields.CharField(max_length=80, null=True)
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "stock_allocations"
        indexes = (
            Index(fields=("place", "state"), name="stock_allocations_place"),
            Index(fields=("line",), name="stock_allocations_line"),
        )
        constraints = (CheckConstraint(check=f"state IN ({_one_of(AllocationState)})", name="stock_allocations_state"),)


class StockMovement(Model):
    """One change of what a place has (`stock.schemas.Movement`): a trigger refuses to change it or take it out."""

    id = fields.CharField(max_length=80, primary_key=True, description="place/epoch/version")
    place = fields.CharField(max_length=40)
    sku = fields.CharField(max_length=40)
    kind = fields.CharField(max_length=16)
    quantity = fields.IntField(description="by how much it changed")
    on_hand = fields.IntField(description="what there is since")
    at = fields.BigIntField(description="ms since 1970")
    actor = fields.CharField(max_length=80)
    reason = fields.CharField(max_length=80, null=True)
    subject = fields.CharField(max_length=32, null=True, description="the allocation that left or came back")
    other = fields.CharField(max_length=40, null=True, description="the place that it went to or came from")
    pair = fields.CharField(max_length=80, null=True, description="the movement that sent what arrived")
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "stock_movements"
        indexes = (
            Index(fields=("place", "sku", "epoch", "version"), name="stock_movements_place"),
            Index(fields=("kind", "at"), name="stock_movements_kind"),
            Index(fields=("pair",), name="stock_movements_pair"),
        )
        constraints = (CheckConstraint(check=f"kind IN ({_one_of(MovementKind)})", name="stock_movements_kind_known"),)


class StockSerial(Model):
    """A piece with a number of its own. It is in one place: while it is here it is nowhere else."""

    id = fields.CharField(max_length=122, primary_key=True, description="place/sku/serial")
    place = fields.CharField(max_length=40)
    sku = fields.CharField(max_length=40)
    serial = fields.CharField(max_length=40)
    state = fields.CharField(max_length=16)
    here = fields.BooleanField(null=True, description="true or nothing, so that the key counts only pieces here")
    allocation = fields.CharField(max_length=32, null=True, description="with which it left")
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "stock_serials"
        indexes = (Index(fields=("allocation",), name="stock_serials_allocation"),)
        constraints = (
            CheckConstraint(check=f"state IN ({_one_of(SerialState)})", name="stock_serials_state"),
            UniqueConstraint(fields=("sku", "serial", "here"), name="stock_serials_once"),
        )


def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(model._meta.fields_map)


TABLES: Final = {
    "level": Table("stock_levels", "id", _columns(StockLevel)),
    "hold": Table("stock_holds", "id", _columns(StockHold)),
    "allocation": Table("stock_allocations", "id", _columns(StockAllocation)),
    "movement": Table("stock_movements", "id", _columns(StockMovement), versioned=False),
    "serial": Table("stock_serials", "id", _columns(StockSerial)),
}
"""How the ledger writes the rows of an entry."""

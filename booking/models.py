"""Tables of the line. Only the ledger writes tickets and counters (o2o/kernel/ledger.py)."""

from typing import Final

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from booking.states import TicketState
from o2o.kernel.statements import Table

STATES: Final = ", ".join(f"'{state}'" for state in TicketState)


class _Ticket(Model):
    """The columns are those of `schemas.TicketRow`."""

    id = fields.CharField(max_length=32, primary_key=True)
    hall = fields.CharField(max_length=40)
    day = fields.CharField(max_length=10, description="business day, 2026-11-22")
    number = fields.CharField(max_length=16)
    prefix = fields.CharField(max_length=4)
    serial = fields.IntField()
    service = fields.CharField(max_length=40)
    class_ = fields.CharField(max_length=40, source_field="class")
    claimed = fields.CharField(max_length=40, null=True, description="the class that staff have not confirmed")
    channel = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)
    turn = fields.FloatField()
    age = fields.FloatField(null=True, description="the turn that it was issued with")
    bound = fields.CharField(max_length=48, null=True, description="the only counter that calls it")
    remaining = fields.CharField(max_length=400, null=True, description="services to go on with: bill,device")
    counter = fields.CharField(max_length=48, null=True)
    holder = fields.CharField(max_length=32, null=True, description="keyed hash of the phone number")
    hold = fields.CharField(max_length=40, null=True, description="the hold on stock that it carries")
    goods = fields.CharField(max_length=52, null=True, description="what that holds: case-clear:2")
    created_at = fields.BigIntField(description="ms since 1970, as all times here")
    called_at = fields.BigIntField(null=True)
    started_at = fields.BigIntField(null=True)
    ended_at = fields.BigIntField(null=True)
    calls = fields.IntField()
    outcome = fields.CharField(max_length=40, null=True)
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        abstract = True


class TicketRecord(_Ticket):
    """A ticket: the columns are those of `schemas.TicketRow`."""

    class Meta:
        table = "tickets"
        unique_together = (("hall", "day", "prefix", "serial"),)
        indexes = (
            Index(fields=("hall", "state", "service", "turn"), name="tickets_line"),
            Index(fields=("hall", "day", "called_at"), name="tickets_calls"),
        )
        constraints = (CheckConstraint(check=f"state IN ({STATES})", name="tickets_state"),)


class ArchivedTicket(_Ticket):
    """A ticket of days gone by (`archive.TICKETS`)."""

    class Meta:
        table = "archived_tickets"
        indexes = (Index(fields=("hall", "day"), name="archived_tickets_day"),)


class CounterRecord(Model):
    """A counter's live state: the columns are those of `schemas.CounterRow`."""

    id = fields.CharField(max_length=48, primary_key=True)
    hall = fields.CharField(max_length=40, db_index=True)
    open = fields.BooleanField()
    clerk = fields.CharField(max_length=80, null=True)
    ticket = fields.CharField(max_length=32, null=True)
    since = fields.BigIntField()
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "counter_states"


class ShareRecord(Model):
    """How many calls in a row a profile of counters gave to the priority classes (`schemas.ShareRow`)."""

    id = fields.CharField(max_length=60, primary_key=True, description="hall/profile")
    hall = fields.CharField(max_length=40, db_index=True)
    profile = fields.CharField(max_length=16)
    calls = fields.IntField()
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "line_shares"


class PauseRecord(Model):
    """What a hall has stopped (`schemas.PauseRow`). A hall that never paused has no row."""

    id = fields.CharField(max_length=40, primary_key=True, description="the hall")
    issuing = fields.BooleanField()
    calling = fields.BooleanField()
    message = fields.TextField(null=True, description="JSON: the words by language")
    since = fields.BigIntField(description="ms since 1970")
    actor = fields.CharField(max_length=80)
    epoch = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "pauses"


class Contact(Model):
    """A phone number and name, sealed together as JSON, apart from the ticket, so that it can be erased alone."""

    ticket = fields.CharField(max_length=32, primary_key=True)
    sealed = fields.TextField()

    class Meta:
        table = "contacts"


class NumberFloor(Model):
    """Numbers up to `serial` are not given on that day: after a restore they may be on paper in people's hands."""

    id = fields.IntField(primary_key=True)
    hall = fields.CharField(max_length=40)
    day = fields.CharField(max_length=10)
    prefix = fields.CharField(max_length=4)
    serial = fields.IntField()

    class Meta:
        table = "number_floors"
        unique_together = (("hall", "day", "prefix"),)


TABLES: Final = {
    "ticket": Table("tickets", "id", tuple(f.source_field or n for n, f in TicketRecord._meta.fields_map.items())),
    "counter": Table("counter_states", "id", tuple(CounterRecord._meta.fields_map), owner="hall"),
    "share": Table("line_shares", "id", tuple(ShareRecord._meta.fields_map)),
    "pause": Table("pauses", "id", tuple(PauseRecord._meta.fields_map)),
    "contact": Table("contacts", "ticket", ("ticket", "sealed"), versioned=False, erased=True),
}
"""How the ledger writes the rows of an entry."""

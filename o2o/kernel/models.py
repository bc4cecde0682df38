"""The tables that every package's protocol rests on: fences, events, the audit, idempotency records; backups made."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Fence(Model):
    """The epoch in force for one tag (`hall:heping`). A change of another epoch can't be committed."""

    tag = fields.CharField(max_length=64, primary_key=True)
    epoch = fields.BigIntField()

    class Meta:
        table = "fences"


class _Recorded(Model):
    id = fields.BigIntField(primary_key=True)
    tag = fields.CharField(max_length=64)
    epoch = fields.BigIntField()
    version = fields.BigIntField()
    op = fields.CharField(max_length=80)
    ordinal = fields.IntField()
    name = fields.CharField(max_length=32)
    at = fields.BigIntField(description="ms since 1970")
    actor = fields.CharField(max_length=80)
    reason = fields.CharField(max_length=80, null=True)
    ticket = fields.CharField(max_length=32, null=True)
    counter = fields.CharField(max_length=48, null=True)
    source = fields.CharField(max_length=16, null=True, description="the state before")
    target = fields.CharField(max_length=16, null=True, description="the state after")
    body = fields.CharField(max_length=32, description="digest of the request's body")
    data = fields.TextField()

    class Meta:
        abstract = True


class Event(_Recorded):
    """One committed change: the audit, the history, and the idempotency record of the line's writes.

    `data` is the journal entry as the script wrote it (JSON), from which the answer to a repeat is rendered.
    """

    class Meta:
        table = "events"
        unique_together = (("op", "ordinal"), ("tag", "epoch", "version"))
        indexes = (Index(fields=("ticket",), name="events_ticket"), Index(fields=("tag", "at"), name="events_tag_at"))


class ArchivedEvent(_Recorded):
    """An event of days gone by. It is here, unchanged, before a trigger lets it go from there. Nothing leaves here."""

    class Meta:
        table = "archived_events"
        indexes = (
            Index(fields=("ticket",), name="archived_events_ticket"),
            Index(fields=("tag", "at"), name="archived_events_tag_at"),
        )


class Deed(Model):
    """One change to how the service is run: people, rights, a hall's document, screens, codes.

    Like events it is only ever added to: triggers refuse everything else.
    """

    id = fields.BigIntField(primary_key=True)
    tag = fields.CharField(max_length=64, description="whose it is: hall:heping, province:tianjin, place:tianjin, *")
    at = fields.BigIntField(description="ms since 1970")
    name = fields.CharField(max_length=32)
    actor = fields.CharField(max_length=80)
    subject = fields.CharField(max_length=80, null=True, description="whom or what it was done to")
    before = fields.TextField(null=True, description="JSON: what was")
    after = fields.TextField(null=True, description="JSON: what is since")

    class Meta:
        table = "audit"
        indexes = (Index(fields=("tag", "at"), name="audit_tag_at"),)


class Idempotency(Model):
    """The stored answer of a write that is not the line's (pairing, say), kept for 24 h."""

    op = fields.CharField(max_length=32, primary_key=True)
    body = fields.CharField(max_length=32)
    status = fields.IntField()
    answer = fields.TextField()
    created_at = fields.BigIntField(description="ms since 1970")

    class Meta:
        table = "idempotency"
        indexes = (Index(fields=("created_at",), name="idempotency_created_at"),)


class Backup(Model):
    """One backup, noted before it is taken: a backup knows its own moment and keys, and SQL when the last one was."""

    id = fields.IntField(primary_key=True)
    at = fields.BigIntField(description="ms since 1970")
    release = fields.CharField(max_length=32)
    keys = fields.TextField(description="fingerprints of the secret keys then in force, separated by commas")
    file = fields.TextField()
    done_at = fields.BigIntField(null=True, description="when it was whole and checked, which no backup knows")
    restored_at = fields.BigIntField(null=True, description="when this database was made from it")

    class Meta:
        table = "backups"

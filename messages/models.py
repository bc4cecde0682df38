"""The table of messages. Times are ms since 1970."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model


class Outgoing(Model):
    """One message, of which there is one for each purpose and subject.

    `contact` is sealed, stands alone in its column, and is null once it was erased; so is `contact_since`, by which
    what is to be erased is found. While somebody sends it, `lease` is theirs until `leased_until`. `round` counts the
    times that staff had it sent again, `tries` the attempts of this round. `due_at` is when the next one may be made.
    """

    id = fields.CharField(max_length=22, primary_key=True)
    purpose = fields.CharField(max_length=32)
    subject = fields.CharField(max_length=64)
    hall = fields.CharField(max_length=40, null=True)
    language = fields.CharField(max_length=8)
    params = fields.TextField(description="JSON: what the text is filled with, nothing personal")
    link = fields.TextField(null=True, description="JSON: schemas.Link")
    contact = fields.TextField(null=True)
    contact_since = fields.BigIntField(null=True)
    state = fields.CharField(max_length=16)
    created_at = fields.BigIntField()
    due_at = fields.BigIntField()
    lease = fields.CharField(max_length=22, null=True)
    leased_until = fields.BigIntField(null=True)
    round = fields.IntField(db_default=0)
    tries = fields.IntField(db_default=0)
    channel = fields.CharField(max_length=16, null=True)
    sent_at = fields.BigIntField(null=True)
    failed_at = fields.BigIntField(null=True)
    last_error = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "outbox"
        unique_together = (("purpose", "subject"),)
        indexes = (
            Index(fields=("state", "due_at"), name="outbox_due"),
            Index(fields=("hall", "created_at"), name="outbox_hall"),
            Index(fields=("created_at",), name="outbox_created_at"),
            Index(fields=("contact_since",), name="outbox_contact_since"),
        )
        constraints = (CheckConstraint(check="state IN ('waiting', 'sent', 'kept', 'failed')", name="outbox_state"),)

"""The table of displays and kiosks. Times are ms since 1970."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Device(Model):
    """A display or kiosk.

    It is made unpaired, with a short code, and a manager who enters the code gives it a hall. Its secret and token are
    derived from `id` and our keys, so nothing here lets anyone act as the device.
    """

    id = fields.CharField(max_length=22, primary_key=True)
    kind = fields.CharField(max_length=8, description="display or kiosk")
    code = fields.CharField(max_length=6, null=True, unique=True, description="until it is paired")
    created_at = fields.BigIntField()
    code_expires_at = fields.BigIntField()
    hall = fields.CharField(max_length=40, null=True)
    name = fields.CharField(max_length=40, null=True, description="by which the hall's people know it")
    paired_by = fields.CharField(max_length=80, null=True)
    paired_at = fields.BigIntField(null=True)
    last_seen_at = fields.BigIntField(null=True)
    revoked_at = fields.BigIntField(null=True)

    class Meta:
        table = "devices"
        indexes = (Index(fields=("hall",), name="devices_hall"),)

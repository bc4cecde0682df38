"""Tables of printed codes, and of how often they were scanned."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class CodeRecord(Model):
    """One printed code. Times are ms since 1970, and null is no limit.

    `stands_for` names what a code is the one live code of (`hall:heping`), so that the key allows no second one; a
    revoked code stands for nothing.
    """

    id = fields.CharField(max_length=22, primary_key=True)
    kind = fields.CharField(max_length=16)
    hall = fields.CharField(max_length=40)
    place = fields.CharField(max_length=40, null=True)
    sku = fields.CharField(max_length=64, null=True)
    issued_by = fields.CharField(max_length=80, null=True)
    campaign = fields.CharField(max_length=64, null=True)
    stands_for = fields.CharField(max_length=64, null=True, unique=True)
    valid_from = fields.BigIntField(null=True)
    valid_to = fields.BigIntField(null=True)
    revoked_at = fields.BigIntField(null=True)
    created_at = fields.BigIntField()

    class Meta:
        table = "codes"
        indexes = (Index(fields=("hall",), name="codes_hall"),)

    def is_valid(self, at: int) -> bool:
        """Not revoked, and `at` is in its time: from `valid_from` on, before `valid_to`."""
        begun = self.valid_from is None or self.valid_from <= at
        ended = self.valid_to is not None and self.valid_to <= at
        return self.revoked_at is None and begun and not ended


class ScanCount(Model):
    """How often a code was scanned on a day of its hall, from where and with what."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(max_length=22)
    hall = fields.CharField(max_length=40)
    day = fields.CharField(max_length=10, description="2026-11-22")
    source = fields.CharField(max_length=16)
    agent = fields.CharField(max_length=16)
    count = fields.BigIntField()

    class Meta:
        table = "scans"
        unique_together = (("code", "day", "source", "agent"),)
        indexes = (Index(fields=("hall", "day"), name="scans_hall_day"),)

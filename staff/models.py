"""The tables of staff: people, their grants, their sessions, programs' keys. Times are ms since 1970."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Person(Model):
    """A member of staff. Nobody is deleted, since events name people for ever.

    The hash of the PIN, which unlocks an own session, is made as the password's.
    """

    id = fields.IntField(primary_key=True)
    username = fields.CharField(max_length=32, unique=True)
    name = fields.CharField(max_length=64)
    password_hash = fields.CharField(max_length=160, description="argon2id, with its parameters")
    pin_hash = fields.CharField(max_length=160, null=True)
    created_at = fields.BigIntField()
    disabled_at = fields.BigIntField(null=True)

    grants: fields.ReverseRelation["Grant"]
    sessions: fields.ReverseRelation["Session"]

    class Meta:
        table = "people"


class Grant(Model):
    """A role with its scope: a hall's id, or * for headquarters.

    A province's grant has the province, a warehouse's the place.

    `counter` is where a clerk usually sits.
    """

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "staff.Person", related_name="grants", on_delete=fields.CASCADE
    )
    role = fields.CharField(max_length=16)
    scope = fields.CharField(max_length=48)
    counter = fields.CharField(max_length=48, null=True)

    class Meta:
        table = "grants"
        unique_together = (("person", "role", "scope"),)


class Session(Model):
    """One sign-in, by the hash of its token.

    Only the browser or client has the token itself: a stolen table opens nothing. `pin_tries` are the PINs that were
    tried since it was locked.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "staff.Person", related_name="sessions", on_delete=fields.CASCADE
    )
    person_id: int
    kind = fields.CharField(max_length=8)
    created_at = fields.BigIntField()
    last_seen_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    ended_at = fields.BigIntField(null=True)
    locked_at = fields.BigIntField(null=True)
    pin_tries = fields.IntField(db_default=0)

    class Meta:
        table = "sessions"
        indexes = (Index(fields=("expires_at",), name="sessions_expires_at"),)


class ApiKey(Model):
    """What a program may, in the name of the person who made it, by the hash of its token."""

    id = fields.CharField(max_length=22, primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=64)
    role = fields.CharField(max_length=16)
    scope = fields.CharField(max_length=48)
    read_only = fields.BooleanField()
    maker: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "staff.Person", related_name="keys", on_delete=fields.CASCADE
    )
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField(null=True)
    last_used_at = fields.BigIntField(null=True)
    revoked_at = fields.BigIntField(null=True)

    class Meta:
        table = "api_keys"

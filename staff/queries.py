"""Reads of staff."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from o2o.kernel.clock import from_ms, to_ms
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from staff.models import ApiKey, Grant, Person, Session
from staff.people_schemas import KeyRow, PersonRow, SessionRow
from staff.schemas import Right, Staff
from staff.states import EVERYWHERE, IN_A_HALL, USERNAME, Role, SessionKind


class Found(msgspec.Struct, frozen=True):
    """A session that was not ended, of a person who was not disabled, with what the person may."""

    session: str
    person: int
    username: str
    name: str
    rights: tuple[Right, ...]
    kind: SessionKind
    last_seen_at: int
    expires_at: int
    locked_at: int | None
    pin: bool


class FoundKey(msgspec.Struct, frozen=True):
    """A key that was not revoked, of a person who was not disabled, with what the person may."""

    id: str
    name: str
    right: Right
    read_only: bool
    expires_at: int | None
    last_used_at: int | None
    maker: int
    username: str
    maker_rights: tuple[Right, ...]


async def person_by_username(username: str) -> Person | None:
    """The person, or None; what can't be a username is nobody's."""
    return await Person.get_or_none(username=username) if USERNAME.fullmatch(username) else None


async def open_session(session_id: str) -> Found | None:
    """The session with this id (a hash of its token). Whether its time is over is for the caller's clock to say."""
    session = await Session.filter(id=session_id, ended_at=None).select_related("person").first()
    if session is None or session.person.disabled_at is not None:
        return None
    return Found(
        session=session.id,
        person=session.person.id,
        username=session.person.username,
        name=session.person.name,
        rights=await rights_of(session.person.id),
        kind=SessionKind(session.kind),
        last_seen_at=session.last_seen_at,
        expires_at=session.expires_at,
        locked_at=session.locked_at,
        pin=session.person.pin_hash is not None,
    )


async def open_key(token_hash: str) -> FoundKey | None:
    """The key with this hash of its token. Whether its time is over is for the caller's clock to say."""
    key = await ApiKey.filter(token_hash=token_hash, revoked_at=None).select_related("maker").first()
    if key is None or key.maker.disabled_at is not None:
        return None
    return FoundKey(
        id=key.id,
        name=key.name,
        right=Right(Role(key.role), key.scope),
        read_only=key.read_only,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        maker=key.maker.id,
        username=key.maker.username,
        maker_rights=await rights_of(key.maker.id),
    )


async def rights_of(person_id: int) -> tuple[Right, ...]:
    return tuple(_right(grant) for grant in await Grant.filter(person_id=person_id).order_by("id"))


async def people(hall: str | None = None, *, after: str = "", limit: int | None = None) -> list[PersonRow]:
    """Everyone by username, or those who work in this hall; `after` a username, at most `limit`."""
    found = _working_in(hall).filter(username__gt=after).order_by("username").prefetch_related("grants")
    return [shown_person(person) for person in await (found if limit is None else found.limit(limit))]


async def person_row(username: str) -> PersonRow | None:
    person = await person_by_username(username)
    if person is None:
        return None
    await person.fetch_related("grants")
    return shown_person(person)


def shown_person(person: Person) -> PersonRow:
    """The person with the grants that were fetched along."""
    roles = tuple(_right(grant) for grant in sorted(person.grants, key=lambda grant: grant.id))
    disabled, pin = person.disabled_at is not None, person.pin_hash is not None
    return PersonRow(person.username, person.name, roles, disabled=disabled, pin=pin)


async def open_sessions(hall: str | None, now: datetime, idle: timedelta) -> list[SessionRow]:
    """The sessions that are open now of those who work in this hall (None: of everyone), latest first."""
    alive = Session.filter(ended_at=None, expires_at__gt=to_ms(now), last_seen_at__gt=to_ms(now - idle))
    if hall is not None:
        alive = alive.filter(person_id__in=await _working_in(hall).values_list("id", flat=True))
    found = alive.filter(person__disabled_at=None).select_related("person").order_by("-last_seen_at", "id")
    return [shown_session(session) for session in await found]


def shown_session(session: Session) -> SessionRow:
    """The session with the person who was fetched along."""
    return SessionRow(
        id=session.id,
        username=session.person.username,
        name=session.person.name,
        kind=session.kind,
        created_at=from_ms(session.created_at),
        last_seen_at=from_ms(session.last_seen_at),
        expires_at=from_ms(session.expires_at),
        locked=session.locked_at is not None,
    )


async def owner_of_session(session_id: str, *, even_ended: bool = False) -> tuple[int, tuple[Right, ...]] | None:
    """Whose session it is, and what they may; None when there is none, or it was ended (and not `even_ended`)."""
    session = await Session.get_or_none(id=session_id)
    if session is None or (session.ended_at is not None and not even_ended):
        return None
    return session.person_id, await rights_of(session.person_id)


async def valid_keys(
    staff: Staff, now: datetime, *, hall: str | None = None, after: str | None = None, most: int
) -> list[KeyRow]:
    """At most so many of the valid keys that allow no more than they may themselves, newest first.

    Of this hall, or of all; `after` the key with this id. Raises InvalidError when there is no such key.
    """
    found = _valid_keys(staff, now)
    if hall is not None:
        found = found.filter(scope=hall, role__in=[role.value for role in IN_A_HALL])
    if after is not None:
        found = found.filter(await _made_before(after))
    return [_key(key) for key in await found.order_by("-created_at", "id").limit(most)]


async def valid_key(staff: Staff, now: datetime, key_id: str, *, even_ended: bool = False) -> KeyRow | None:
    """The same key of them all, or None; `even_ended`: also one that was valid."""
    key = await (_held_keys(staff) if even_ended else _valid_keys(staff, now)).filter(id=key_id).first()
    return None if key is None else _key(key)


def _valid_keys(staff: Staff, now: datetime) -> QuerySet[ApiKey]:
    """Neither revoked nor over, and within the own rights."""
    going_on = Q(expires_at=None) | Q(expires_at__gt=to_ms(now))
    return _held_keys(staff).filter(going_on, revoked_at=None)


def _held_keys(staff: Staff) -> QuerySet[ApiKey]:
    return ApiKey.filter(_held_by(staff)).select_related("maker")


def _held_by(staff: Staff) -> Q:
    """The keys with a right that `ranks.holds` says they hold, for SQL to find."""
    if staff.may(Role.HQ):
        return Q()
    own = [Q(role=right.role.value, scope=right.scope) for right in staff.grants if right.role not in IN_A_HALL]
    return Q(*(_in_halls(role, staff.halls(role)) for role in IN_A_HALL), *own, join_type=Q.OR)


def _in_halls(role: Role, halls: Sequence[str]) -> Q:
    return Q(role=role.value) if EVERYWHERE in halls else Q(role=role.value, scope__in=halls)


async def _made_before(key_id: str) -> Q:
    last = await ApiKey.get_or_none(id=key_id)
    if last is None:
        raise InvalidError(_("The list has changed. Read it from its beginning."), field="cursor")
    behind = Q(created_at__lt=last.created_at) | Q(id__gt=last.id)
    return Q(created_at__lte=last.created_at) & behind


def _working_in(hall: str | None) -> QuerySet[Person]:
    if hall is None:
        return Person.all()
    return Person.filter(grants__scope=hall, grants__role__in=[role.value for role in IN_A_HALL]).distinct()


def _key(key: ApiKey) -> KeyRow:
    return KeyRow(
        id=key.id,
        name=key.name,
        role=Role(key.role),
        scope=key.scope,
        read_only=key.read_only,
        made_by=key.maker.username,
        created_at=from_ms(key.created_at),
        expires_at=None if key.expires_at is None else from_ms(key.expires_at),
        last_used_at=None if key.last_used_at is None else from_ms(key.last_used_at),
    )


def _right(grant: Grant) -> Right:
    return Right(Role(grant.role), grant.scope, grant.counter)


async def names_of(principals: Iterable[str]) -> dict[str, str]:
    """The names of those who act, by how events name them (`staff:clerk1`)."""
    usernames = {principal.removeprefix("staff:") for principal in principals}
    rows = await Person.filter(username__in=usernames).values_list("username", "name") if usernames else ()
    return {f"staff:{username}": name for username, name in rows}

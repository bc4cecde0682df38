"""Reads of staff."""

from collections.abc import Iterable

import msgspec

from staff.models import Grant, Person, Session
from staff.schemas import PersonRow, Right
from staff.states import USERNAME, Role


class Found(msgspec.Struct, frozen=True):
    """A session that was not ended, of a person who was not disabled, with what the person may."""

    session: str
    person: int
    username: str
    name: str
    rights: tuple[Right, ...]
    last_seen_at: int
    expires_at: int


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
        last_seen_at=session.last_seen_at,
        expires_at=session.expires_at,
    )


async def rights_of(person_id: int) -> tuple[Right, ...]:
    return tuple(_right(grant) for grant in await Grant.filter(person_id=person_id).order_by("id"))


async def people() -> list[PersonRow]:
    """Everyone, by username."""
    everyone = await Person.all().order_by("username").prefetch_related("grants")
    return [
        PersonRow(
            person.username, person.name, tuple(map(_right, person.grants)), disabled=person.disabled_at is not None
        )
        for person in everyone
    ]


def _right(grant: Grant) -> Right:
    return Right(Role(grant.role), grant.scope, grant.counter)


async def names_of(principals: Iterable[str]) -> dict[str, str]:
    """The names of those who act, by how events name them (`staff:clerk1`)."""
    usernames = {principal.removeprefix("staff:") for principal in principals}
    rows = await Person.filter(username__in=usernames).values_list("username", "name") if usernames else ()
    return {f"staff:{username}": name for username, name in rows}

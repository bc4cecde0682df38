"""The sessions: begun by a sign-in, over with the shift, when nobody uses them, or when somebody ends them."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError

from o2o.kernel.audit import Difference, Done, note
from o2o.kernel.believed import Believed
from o2o.kernel.clock import from_ms, to_ms
from o2o.kernel.database import transaction
from staff.browsers import PREFIX, session_id
from staff.models import Person, Session
from staff.queries import Found, open_session, rights_of
from staff.ranks import tags_of
from staff.schemas import Staff
from staff.states import SessionKind

SHIFT: Final = timedelta(hours=12)
IDLE: Final = timedelta(hours=4)
SEEN: Final = timedelta(minutes=1)  # last_seen_at is this exact: a write for each request would be a waste.
KEPT: Final = timedelta(days=90)  # Ended sessions are kept this long, to look into what happened.

log = logging.getLogger(__name__)
_believed: Final = Believed(open_session)


class By(NamedTuple):
    """Who does it (a principal), and when (ms). `staff`: the person, who may not do everything; None: a command may."""

    actor: str
    at: int
    staff: Staff | None = None

    def did(self, name: str, subject: str) -> Done:
        """As the audit says it."""
        return Done(name, self.actor, self.at, subject)


async def live_session(session: str, now: datetime) -> Found | None:
    """The session, unless it ended, its shift is over or nobody used it for long."""
    found = await _believed.get(session)
    if found is None or now >= from_ms(found.expires_at) or now - from_ms(found.last_seen_at) >= IDLE:
        return None
    return found


@contextmanager
def noting_may_fail() -> Iterator[None]:
    """Who only reads goes on reading when a note can't be written (a full disk)."""
    try:
        yield
    except OperationalError as error:
        log.warning("use_not_noted", extra={"error": repr(error)})


async def note_use(found: Found, now: datetime, exact: timedelta = SEEN) -> None:
    """Note that the session is used; its `last_seen_at` is `exact` so far."""
    if now - from_ms(found.last_seen_at) >= exact:
        with noting_may_fail():
            await Session.filter(id=found.session).update(last_seen_at=to_ms(now))
        _believed.doubt(found.session)


async def begin_session(person: Person, kind: SessionKind, now: datetime) -> tuple[str, Found | None]:
    """The token of a new session, and the session.

    None when the person was disabled, or given another password than `person` has, in this very moment.
    """
    token, moment, rights = PREFIX + secrets.token_urlsafe(32), to_ms(now), await rights_of(person.id)
    times = {"created_at": moment, "last_seen_at": moment, "expires_at": to_ms(now + SHIFT)}
    await Session.filter(expires_at__lt=to_ms(now - KEPT)).delete()

    async def work(client: BaseDBAsyncClient) -> bool:
        present = await Person.select_for_update(using_db=client).get(id=person.id)
        if present.disabled_at is not None or present.password_hash != person.password_hash:
            return False  # With either all their sessions ended: none may begin after it.
        session = Session(id=session_id(token), person_id=person.id, kind=kind.value)
        await session.update_from_dict(times).save(using_db=client, force_create=True)
        done = Done("session.begun", f"staff:{person.username}", moment, person.username)
        await note(client, done, tags_of(rights), Difference(None, {"kind": kind.value}))
        return True

    if not await transaction(work):
        return token, None
    log.info("signed_in", extra={"person": person.id, "kind": kind.value})
    return token, await open_session(session_id(token))


async def end_session(session: str, by: By, why: str) -> None:
    """End it at once and for ever; `why` is a word for the audit. Ending what has ended changes nothing."""

    async def work(client: BaseDBAsyncClient) -> None:
        alive = Session.filter(id=session, ended_at=None).using_db(client)
        row = await alive.select_related("person").first()
        if row is None or not await alive.update(ended_at=by.at):
            return
        done = by.did("session.ended", row.person.username)
        await note(client, done, tags_of(await rights_of(row.person.id)), Difference(None, {"why": why}))

    await transaction(work)
    doubt_session(session)


async def end_sessions_of(client: BaseDBAsyncClient, person_id: int, at: int, *, but: str = "") -> None:
    """Sign a person out everywhere (`but` for one session), in the transaction that says why; then `doubt_person`."""
    await Session.filter(person_id=person_id, ended_at=None).exclude(id=but).using_db(client).update(ended_at=at)


def doubt_session(session: str) -> None:
    _believed.doubt(session)


def doubt_person(username: str) -> None:
    """Read everything about this person's sessions anew: their rights have changed, or they may not come in."""
    _believed.doubt_those(lambda found: found.username == username)

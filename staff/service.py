"""Signing in and out, who a request is from, and what they may."""

import logging
import math
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import HTTPConnection, Request
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.audit import Done, note
from o2o.kernel.clock import from_ms, to_ms
from o2o.kernel.database import transaction
from staff import keys
from staff.browsers import KEY_PREFIX, SAFE, check_ours, session_id, shown
from staff.errors import (
    ForeignRequestError,
    LockedError,
    NoRightError,
    ReadOnlyError,
    SignInRequiredError,
    TooManySignInsError,
    WrongCredentialsError,
)
from staff.locking import is_locked, used_within
from staff.models import Person
from staff.passwords import hash_password, is_outdated, verify_password
from staff.queries import Found, person_by_username, rights_of
from staff.ranks import tags_of
from staff.schemas import Credentials, Staff
from staff.sessions import By, begin_session, end_session, live_session, note_use
from staff.state import StaffState, provinces_of
from staff.states import Role, SessionKind
from staff.store import Attempts

log = logging.getLogger(__name__)


class SignedIn(msgspec.Struct, frozen=True):
    """A new session. The token is shown to its owner now and never again."""

    token: str
    staff: Staff


async def sign_in(state: StaffState, credentials: Credentials, address: str, kind: SessionKind) -> SignedIn:
    """Begin a session of 12 hours. Raises as `identify`."""
    person, now = await identify(state, credentials, address), state["clock"]()
    token, found = await begin_session(person, kind, now)
    if found is None:
        raise WrongCredentialsError
    return SignedIn(token, await _staff(found, state))


async def identify(state: StaffState, credentials: Credentials, address: str) -> Person:
    """Who has this password. Raises WrongCredentialsError (for whatever reason), TooManySignInsError."""
    username, now = credentials.username.strip().lower(), state["clock"]()
    attempts = Attempts(state["redis"], username, address, by_address=state["settings"].rate_limits)
    if wait := await attempts.wait_ms(now):
        raise TooManySignInsError(retry_after=math.ceil(wait / 1000))
    person = await person_by_username(username)
    right = await verify_password(person.password_hash if person else None, credentials.password)
    if person is None or not right or person.disabled_at is not None:
        await _note_refused(person, to_ms(now))
        raise WrongCredentialsError
    await attempts.succeeded()
    if is_outdated(person.password_hash):
        mine = Person.filter(id=person.id, password_hash=person.password_hash)
        person.password_hash = await hash_password(credentials.password)
        if not await mine.update(password_hash=person.password_hash):  # They signed in elsewhere, or have a new one.
            return await identify(state, credentials, address)
    return person


async def sign_out(staff: Staff, now: datetime) -> None:
    """End the session, at once and for ever."""
    await end_session(staff.session, By(staff.principal, to_ms(now)), "signed out")
    log.info("signed_out", extra={"person": staff.id})


async def authenticate(connection: HTTPConnection[Any]) -> Staff | None:
    """Who the request is from, or None.

    A locked session is nobody's. An unsafe request that relies on the cookie without the session's CSRF token is from
    nobody too, and so is one with a key that may only read.
    """
    if shown(connection) is None:  # Most who take a number: quicker than to be refused.
        return None
    try:
        return await require_anyone(connection)
    except (SignInRequiredError, ForeignRequestError, ReadOnlyError):
        return None


async def require_anyone(connection: HTTPConnection[Any], *, even_locked: bool = False) -> Staff:
    """Whoever is signed in, or a program with a key. Raises as `require`, but for NoRightError."""
    staff, by_cookie = await _recognise(connection)
    if staff is None:
        raise SignInRequiredError
    if staff.locked and not even_locked:
        raise LockedError
    if by_cookie:
        await check_ours(connection, staff.session)
    return staff


async def require(connection: HTTPConnection[Any], role: Role | str, hall: str | None = None) -> Staff:
    """The member of staff who may act as `role` in `hall` (None: in any).

    Raises SignInRequiredError 401 (LockedError too), ForeignRequestError 403 (CSRF), ReadOnlyError 403, NoRightError
    403.
    """
    staff = await require_anyone(connection)
    if not staff.may(role, hall):
        raise NoRightError
    return staff


async def require_session(connection: HTTPConnection[Any], *, even_locked: bool = False) -> Staff:
    """Whoever is signed in: a person, not a program with a key. Raises as `require`."""
    staff = await require_anyone(connection, even_locked=even_locked)
    if staff.key is not None:
        raise NoRightError
    return staff


async def require_person(connection: HTTPConnection[Any], role: Role | str, hall: str | None = None) -> Staff:
    """As `require`, for what only a person may do: let others in, and make keys."""
    staff = await require_session(connection)
    if not staff.may(role, hall):
        raise NoRightError
    return staff


async def still_signed_in(state: StaffState, staff: Staff) -> Staff | None:
    """The same session or key as it is now, for connections that outlive a request; None when it is over.

    An open page is no use of it: a tablet left alone is signed out all the same.
    """
    if staff.key is not None:
        return await keys.bearer_of(state, staff.session)
    found = await live_session(staff.session, state["clock"]())
    return await _staff(found, state) if found else None


def csrf_token(staff: Staff) -> str:
    """What forms carry in the hidden field `csrf`, and scripts in the header `X-CSRF-Token`."""
    return staff.csrf


async def _recognise(connection: HTTPConnection[Any]) -> tuple[Staff | None, bool]:
    token = shown(connection)
    if token is None:
        return None, False
    if token.token.startswith(KEY_PREFIX):
        return await _by_key(connection, session_id(token.token)), False
    state: StaffState = connection.state
    found = await live_session(session_id(token.token), state["clock"]())
    if found is None:
        return None, token.by_cookie
    staff = await _staff(found, state)
    if not staff.locked:  # Else an attempt would unlock what was left alone.
        await note_use(found, state["clock"](), used_within(state))
    return staff, token.by_cookie


async def _by_key(connection: HTTPConnection[Any], token_hash: str) -> Staff | None:
    """A program, if its key allows such a request at all."""
    staff = await keys.bearer_of(connection.state, token_hash)
    if staff is not None:
        await keys.note_use(connection.state, staff)
        if staff.read_only and isinstance(connection, Request) and connection.method not in SAFE:
            raise ReadOnlyError
    return staff


async def _note_refused(person: Person | None, at: int) -> None:
    """In the log always, in the audit when somebody is called so: guesses at other names must not fill it."""
    log.info("sign_in_refused", extra={"person": person.id if person else None})
    if person is None:
        return
    done, tags = Done("session.refused", "anonymous", at, person.username), tags_of(await rights_of(person.id))

    async def work(client: BaseDBAsyncClient) -> None:
        await note(client, done, tags)

    await transaction(work)


async def _staff(found: Found, state: StaffState) -> Staff:
    csrf, provinces = state["signer"].token("csrf", found.session), await provinces_of(state, found.rights)
    ends, locked = from_ms(found.expires_at), is_locked(found, state)
    known = (found.person, found.username, found.name, found.rights, found.session, csrf, provinces)
    return Staff(*known, expires_at=ends, locked=locked, pin=found.pin)

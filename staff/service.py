"""Signing in and out, who a request is from, and what they may."""

import asyncio
import logging
import math
import secrets
import time
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from starlette.requests import HTTPConnection

from o2o.kernel.clock import from_ms, to_ms
from staff.browsers import PREFIX, check_ours, session_id, shown
from staff.errors import (
    ForeignRequestError,
    NoRightError,
    SignInRequiredError,
    TooManySignInsError,
    WrongCredentialsError,
)
from staff.models import Session
from staff.passwords import hash_password, is_outdated, verify_password
from staff.queries import Found, open_session, person_by_username
from staff.schemas import Credentials, Staff
from staff.state import StaffState
from staff.states import Role, SessionKind
from staff.store import Attempts

SHIFT: Final = timedelta(hours=12)
IDLE: Final = timedelta(hours=4)
SEEN: Final = timedelta(minutes=1)  # last_seen_at is this exact: a write for each request would be a waste.
KEPT: Final = timedelta(days=90)  # Ended sessions are kept this long, to look into what happened.
# A session that was read is believed for a second, so that a busy counter doesn't read SQL for each call. What ends it
# in this process ends it at once; what another process ends is over within the second.
BELIEVED_S: Final = 1.0
BELIEVED: Final = 10_000

log = logging.getLogger(__name__)
_believed: dict[str, tuple[float, Found]] = {}
_readings: dict[str, asyncio.Task[Found | None]] = {}


class SignedIn(msgspec.Struct, frozen=True):
    """A new session. The token is shown to its owner now and never again."""

    token: str
    staff: Staff
    expires_at: datetime


async def sign_in(state: StaffState, credentials: Credentials, address: str, kind: SessionKind) -> SignedIn:
    """Begin a session of 12 hours. Raises WrongCredentialsError (for whatever reason), TooManySignInsError."""
    username, now = credentials.username.strip().lower(), state["clock"]()
    attempts = Attempts(state["redis"], username, address, by_address=state["settings"].rate_limits)
    if wait := await attempts.wait_ms(now):
        raise TooManySignInsError(retry_after=math.ceil(wait / 1000))
    person = await person_by_username(username)
    right = await verify_password(person.password_hash if person else None, credentials.password)
    if person is None or not right or person.disabled_at is not None:
        log.info("sign_in_refused", extra={"person": person.id if person else None})
        raise WrongCredentialsError
    await attempts.succeeded()
    if is_outdated(person.password_hash):
        person.password_hash = await hash_password(credentials.password)
        await person.save(update_fields=["password_hash"])
    return await _begin(state, person.id, kind)


async def sign_out(staff: Staff, now: datetime) -> None:
    """End the session, at once and for ever."""
    await end_session(staff.session, now)
    log.info("signed_out", extra={"person": staff.id})


async def end_session(session: str, now: datetime) -> None:
    await Session.filter(id=session, ended_at=None).update(ended_at=to_ms(now))
    _doubt(session)


async def end_sessions_of(person_id: int, now: datetime) -> None:
    """Sign a person out everywhere."""
    await Session.filter(person_id=person_id, ended_at=None).update(ended_at=to_ms(now))
    for session in [session for session, (_until, found) in _believed.items() if found.person == person_id]:
        _doubt(session)


async def authenticate(connection: HTTPConnection[Any]) -> Staff | None:
    """Who the request is from, or None.

    An unsafe request that relies on the cookie without the session's CSRF token is from nobody.
    """
    staff, by_cookie = await _recognise(connection)
    try:
        if staff and by_cookie:
            await check_ours(connection, staff.session)
    except ForeignRequestError:
        return None
    return staff


async def require(connection: HTTPConnection[Any], role: Role | str, hall: str | None = None) -> Staff:
    """The member of staff who may act as `role` in `hall` (None: in any).

    Raises SignInRequiredError 401, ForeignRequestError 403 (CSRF), NoRightError 403.
    """
    staff = await require_session(connection)
    if not staff.may(role, hall):
        raise NoRightError
    return staff


async def require_session(connection: HTTPConnection[Any]) -> Staff:
    """Whoever is signed in. Raises SignInRequiredError, ForeignRequestError."""
    staff, by_cookie = await _recognise(connection)
    if staff is None:
        raise SignInRequiredError
    if by_cookie:
        await check_ours(connection, staff.session)
    return staff


async def still_signed_in(state: StaffState, staff: Staff) -> Staff | None:
    """The same session as it is now, for connections that outlive a request; None when it is over.

    An open page is no use of it: a tablet left alone is signed out all the same.
    """
    found = await _live(staff.session, state["clock"]())
    return await _staff(found, state) if found else None


async def expires_at(staff: Staff) -> datetime:
    """When the session will be over at the latest. Raises SignInRequiredError when it is over."""
    found = await open_session(staff.session)
    if found is None:
        raise SignInRequiredError
    return from_ms(found.expires_at)


def csrf_token(staff: Staff) -> str:
    """What forms carry in the hidden field `csrf`, and scripts in the header `X-CSRF-Token`."""
    return staff.csrf


async def _recognise(connection: HTTPConnection[Any]) -> tuple[Staff | None, bool]:
    state: StaffState = connection.state
    token = shown(connection)
    if token is None:
        return None, False
    found = await _live(session_id(token.token), state["clock"]())
    if found is not None:
        await _note_use(found, state["clock"]())
    return (await _staff(found, state) if found else None), token.by_cookie


async def _live(session: str, now: datetime) -> Found | None:
    """The session, unless it ended, its shift is over or nobody used it for long."""
    found = await _believe(session)
    if found is None or now >= from_ms(found.expires_at) or now - from_ms(found.last_seen_at) >= IDLE:
        return None
    return found


async def _note_use(found: Found, now: datetime) -> None:
    if now - from_ms(found.last_seen_at) >= SEEN:
        await Session.filter(id=found.session).update(last_seen_at=to_ms(now))
        _doubt(found.session)


async def _believe(session: str) -> Found | None:
    until, found = _believed.get(session, (0.0, None))
    if found is not None and time.monotonic() < until:
        return found
    if session not in _readings:  # Whoever asks meanwhile waits for the same reading.
        _readings[session] = asyncio.ensure_future(_read(session))
    return await asyncio.shield(_readings[session])


async def _read(session: str) -> Found | None:
    reading, moment = asyncio.current_task(), time.monotonic()
    try:
        found = await open_session(session)
        if found is not None and _readings.get(session) is reading:
            if len(_believed) >= BELIEVED:
                _believed.clear()
            _believed[session] = (moment + BELIEVED_S, found)
        return found
    finally:
        if _readings.get(session) is reading:
            del _readings[session]


def _doubt(session: str) -> None:
    """Read the session anew, whatever is believed of it or is just being read."""
    _believed.pop(session, None)
    _readings.pop(session, None)


async def _begin(state: StaffState, person_id: int, kind: SessionKind) -> SignedIn:
    token, now = PREFIX + secrets.token_urlsafe(32), state["clock"]()
    session, moment, expires = session_id(token), to_ms(now), now + SHIFT
    await Session.filter(expires_at__lt=to_ms(now - KEPT)).delete()
    await Session.create(
        id=session,
        person_id=person_id,
        kind=kind.value,
        created_at=moment,
        last_seen_at=moment,
        expires_at=to_ms(expires),
    )
    found = await open_session(session)
    if found is None:  # Disabled in this very moment.
        raise WrongCredentialsError
    log.info("signed_in", extra={"person": person_id, "kind": kind.value})
    return SignedIn(token, await _staff(found, state), expires)


async def _staff(found: Found, state: StaffState) -> Staff:
    csrf, directory = state["signer"].token("csrf", found.session), state["directory"]
    named = [right.scope for right in found.rights if right.role is Role.PROVINCE]
    provinces = {province: await directory.in_province(province) for province in named}
    return Staff(found.person, found.username, found.name, found.rights, found.session, csrf, provinces)

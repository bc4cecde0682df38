"""The lock of a tablet that is left alone: a button or idleness locks it, a PIN or the password unlocks it.

A locked session is nobody's: it may do nothing and watch nothing. The counter stays as it is. A PIN is short, so the
session ends with the fifth wrong one, and then only the password opens, slower and slower, as at every sign-in.
"""

import logging
import re
from datetime import timedelta
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import F

from o2o.kernel.audit import Done, note
from o2o.kernel.clock import from_ms, to_ms
from o2o.kernel.database import transaction
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from staff.errors import NoPinError, WrongPinError
from staff.models import Person, Session
from staff.passwords import hash_password, verify_password
from staff.queries import Found
from staff.ranks import tags_of
from staff.schemas import Staff
from staff.sessions import SEEN, By, doubt_person, doubt_session, end_session
from staff.state import StaffState
from staff.states import SessionKind

TRIES: Final = 5
PIN: Final = re.compile(r"[0-9]{4,6}")
# What a thief tries first. Longer runs contain shorter ones.
_RUNS: Final = ("01234567890", "09876543210")

log = logging.getLogger(__name__)


def is_locked(found: Found, state: StaffState) -> bool:
    """Whether somebody locked it, or a browser was left alone for too long; a program is never idle."""
    minutes, idle = state["settings"].lock_minutes, state["clock"]() - from_ms(found.last_seen_at)
    left_alone = found.kind is SessionKind.BROWSER and minutes > 0 and idle >= timedelta(minutes=minutes)
    return found.locked_at is not None or left_alone


def used_within(state: StaffState) -> timedelta:
    """How exactly it must be known when a session was used last, so that none locks that is in use."""
    minutes = state["settings"].lock_minutes
    return min(SEEN, timedelta(minutes=minutes) / 4) if minutes else SEEN


async def lock(state: StaffState, staff: Staff) -> None:
    """From now on the session is nobody's. Locking what is locked changes nothing."""
    mine = Session.filter(id=staff.session, ended_at=None, locked_at=None)
    if await mine.update(locked_at=to_ms(state["clock"]())):
        log.info("session_locked", extra={"person": staff.id})
    doubt_session(staff.session)


async def unlock(state: StaffState, staff: Staff, pin: str) -> None:
    """Raises WrongPinError (with the last one the session ends), NoPinError. What is not locked needs no PIN."""
    if not staff.locked:
        return
    person, now = await Person.get(id=staff.id), to_ms(state["clock"]())
    if person.pin_hash is None:
        raise NoPinError
    mine = Session.filter(id=staff.session, ended_at=None)
    # Counted before it is looked at, so that many guesses at once are not more than few one after another.
    tried = await mine.filter(pin_tries__lt=TRIES).update(pin_tries=F("pin_tries") + 1)
    if tried and await verify_password(person.pin_hash, pin):
        await mine.update(locked_at=None, pin_tries=0, last_seen_at=now)
        doubt_session(staff.session)
        log.info("session_unlocked", extra={"person": staff.id})
        return
    session = await mine.first()
    left = TRIES - session.pin_tries if session and tried else 0
    if not left:
        await end_session(staff.session, By(staff.principal, now), "wrong PINs")
    raise WrongPinError(left)


async def set_pin(state: StaffState, staff: Staff, pin: str) -> None:
    """Let the person unlock by this PIN. That they are who they are is for the caller to ask. Raises InvalidError."""
    if not PIN.fullmatch(pin):
        raise InvalidError(_("A PIN has 4 to 6 digits."), field="pin")
    if len(set(pin)) == 1 or any(pin in run for run in _RUNS):
        raise InvalidError(_("This PIN is too easy to guess."), field="pin")
    pin_hash, at = await hash_password(pin), to_ms(state["clock"]())

    async def work(client: BaseDBAsyncClient) -> None:
        await Person.filter(id=staff.id).using_db(client).update(pin_hash=pin_hash)
        await note(client, Done("person.pin_set", staff.principal, at, staff.username), tags_of(staff.grants))

    await transaction(work)
    doubt_person(staff.username)
    log.info("pin_set", extra={"person": staff.id})

"""Verbs on people: what `o2o user` and the demo do."""

import logging
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from halls.schemas import ID_PATTERN
from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from staff.errors import PersonExistsError, PersonNotFoundError
from staff.models import Grant, Person
from staff.passwords import LONGEST, SHORTEST, hash_password
from staff.queries import person_by_username
from staff.schemas import Right
from staff.service import end_sessions_of
from staff.states import EVERYWHERE, USERNAME, Role

LONGEST_NAME: Final = 64

log = logging.getLogger(__name__)


async def add_person(username: str, name: str, password: str, rights: Sequence[Right], now: datetime) -> None:
    """Raises PersonExistsError, InvalidError (username, name, password)."""
    if not USERNAME.fullmatch(username):
        raise InvalidError(
            _("A username has 1 to 32 small letters, digits, dots, lines or underscores."), field="username"
        )
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidError(_("A name has 1 to 64 characters."), field="name")
    password_hash = await _checked_hash(password)

    async def work(client: BaseDBAsyncClient) -> None:
        person = await Person.create(
            using_db=client, username=username, name=name, password_hash=password_hash, created_at=to_ms(now)
        )
        grants = [
            Grant(person=person, role=right.role.value, scope=right.scope, counter=right.counter) for right in rights
        ]
        await Grant.bulk_create(grants, using_db=client)

    try:
        await transaction(work)
    except IntegrityError as error:
        raise PersonExistsError(username) from error
    log.info("person_added", extra={"username": username})


async def set_password(username: str, password: str, now: datetime) -> None:
    """Give a new password and sign the person out everywhere. Raises PersonNotFoundError, InvalidError."""
    person = await _person(username)
    person.password_hash = await _checked_hash(password)
    await person.save(update_fields=["password_hash"])
    await end_sessions_of(person.id, now)
    log.info("password_set", extra={"username": username})


async def disable_person(username: str, now: datetime) -> None:
    """Let the person in no more; open sessions end at once. Raises PersonNotFoundError."""
    person = await _person(username)
    person.disabled_at = to_ms(now)
    await person.save(update_fields=["disabled_at"])
    await end_sessions_of(person.id, now)
    log.info("person_disabled", extra={"username": username})


def parse_right(text: str) -> Right:
    """`hq`, `province:tianjin`, `clerk:heping` or `clerk:heping:heping-1` as a right. Raises InvalidError."""
    role, *where = text.split(":")
    sound = all(re.match(ID_PATTERN, one) for one in where)
    match role, where:
        case "hq", []:
            return Right(Role.HQ, EVERYWHERE)
        case "clerk" | "manager" | "province" | "warehouse", [scope] if sound:
            return Right(Role(role), scope)
        case "clerk", [hall, counter] if sound:
            return Right(Role.CLERK, hall, counter)
    raise InvalidError(
        _("A role is hq, province:PROVINCE, manager:HALL, clerk:HALL, clerk:HALL:COUNTER or warehouse:PLACE."),
        field="role",
    )


async def _person(username: str) -> Person:
    person = await person_by_username(username)
    if person is None:
        raise PersonNotFoundError(username)
    return person


async def _checked_hash(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        message = _("A password has %(shortest)s to %(longest)s characters.")
        raise InvalidError(message, field="password", shortest=SHORTEST, longest=LONGEST)
    return await hash_password(password)

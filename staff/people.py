"""Verbs on people: each asks whether who does it may, in the transaction that does it, and is recorded in the audit."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from halls.errors import HallNotFoundError
from halls.fields import ID_PATTERN
from halls.service import Directory
from o2o.kernel.audit import Difference, changed, note
from o2o.kernel.database import transaction
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from staff.errors import NoRightError, PersonExistsError, PersonNotFoundError, SignInRequiredError
from staff.keys import doubt_keys_of
from staff.models import Grant, Person, Session
from staff.passwords import LONGEST, SHORTEST, hash_password
from staff.people_schemas import GivenRole, PersonRow
from staff.queries import rights_of, shown_person
from staff.ranks import gives, rules, tags_of
from staff.schemas import Right
from staff.sessions import By, doubt_person, end_sessions_of
from staff.states import EVERYWHERE, IN_A_HALL, USERNAME, Role

LONGEST_NAME: Final = 64
Verb = Callable[[BaseDBAsyncClient], Awaitable[PersonRow]]
"""What is to be done to a person, in a transaction."""

log = logging.getLogger(__name__)


class Ready(NamedTuple):
    """Somebody who can be added: everything is checked, and the password hashed, which takes its time."""

    username: str
    name: str
    password_hash: str
    rights: Sequence[Right]


async def prepare(username: str, name: str, password: str, rights: Sequence[Right]) -> Ready:
    """Raises InvalidError (username, name, password)."""
    if not USERNAME.fullmatch(username):
        raise InvalidError(
            _("A username has 1 to 32 small letters, digits, dots, lines or underscores."), field="username"
        )
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidError(_("A name has 1 to 64 characters."), field="name")
    return Ready(username, name, await hashed(password), rights)


async def hashed(password: str, *, field: str = "password") -> str:
    """Raises InvalidError (of the `field`)."""
    if not SHORTEST <= len(password) <= LONGEST:
        message = _("A password has %(shortest)s to %(longest)s characters.")
        raise InvalidError(message, field=field, shortest=SHORTEST, longest=LONGEST)
    return await hash_password(password)


async def settle(username: str, verb: Verb) -> PersonRow:
    """Carry out one of the verbs below, and know the person as they are now, at once.

    Raises PersonExistsError, and what the verb raises.
    """
    try:
        row = await transaction(verb)
    except IntegrityError as error:
        raise PersonExistsError(username) from error
    doubt(username)
    return row


def doubt(username: str) -> None:
    """What is remembered of this person's sessions and keys may not be so any more."""
    doubt_person(username)
    doubt_keys_of(username)


def adding(ready: Ready, by: By) -> Verb:
    """Add a person. Raises NoRightError.

    An IntegrityError is for the caller: PersonExistsError, unless it is a repeat of the same act.
    """

    async def work(client: BaseDBAsyncClient) -> PersonRow:
        if by.staff and not rules(by.staff, ready.rights):
            raise NoRightError
        person = Person(username=ready.username, name=ready.name, password_hash=ready.password_hash, created_at=by.at)
        await person.save(using_db=client)
        await _grant(client, person, ready.rights)
        after = {"roles": ready.rights}
        await note(
            client,
            by.did("person.added", person.username),
            tags_of(ready.rights),
            Difference(None, after),
        )
        log.info("person_added", extra={"username": person.username})
        return await _shown(client, person)

    return work


def giving_roles(username: str, rights: Sequence[Right], by: By, *, hall: str | None = None) -> Verb:
    """Let the person have these roles and no others; with `hall` those in it alone, and what they do elsewhere stays.

    What is given or taken must be theirs to give who do it. Raises PersonNotFoundError, NoRightError.
    """

    async def work(client: BaseDBAsyncClient) -> PersonRow:
        person = await _locked(client, username)
        present = await rights_of(person.id)
        kept = [right for right in present if right.role not in IN_A_HALL or right.scope != hall] if hall else []
        given = [*kept, *rights]
        before, after = set(present), set(given)
        if by.staff and not all(gives(by.staff, right) for right in before ^ after):
            raise NoRightError
        if before != after:
            await Grant.filter(person_id=person.id).using_db(client).delete()
            await _grant(client, person, given)
            difference = changed({"roles": sorted(before, key=str)}, {"roles": sorted(after, key=str)})
            await note(client, by.did("person.roles_given", username), tags_of(before | after), difference)
            log.info("roles_given", extra={"username": username})
        return await _shown(client, person)

    return work


def setting_password(username: str, password_hash: str, by: By, *, but: str = "") -> Verb:
    """Give a new password and sign the person out everywhere, `but` for the session in which they chose it themselves.

    Raises PersonNotFoundError, NoRightError, and SignInRequiredError when that session has ended.
    """

    async def work(client: BaseDBAsyncClient) -> PersonRow:
        person = await _ruled(client, username, by)
        if but and not await Session.filter(id=but, ended_at=None).using_db(client).exists():
            raise SignInRequiredError
        person.password_hash = password_hash
        await person.save(using_db=client, update_fields=["password_hash"])
        await end_sessions_of(client, person.id, by.at, but=but)
        await _note(client, "person.password_set", person, by)
        log.info("password_set", extra={"username": username})
        return await _shown(client, person)

    return work


def removing_pin(username: str, by: By) -> Verb:
    """Take the PIN away: the person unlocks with the password until there is another.

    Raises PersonNotFoundError, NoRightError.
    """

    async def work(client: BaseDBAsyncClient) -> PersonRow:
        person = await _ruled(client, username, by)
        if person.pin_hash is not None:
            person.pin_hash = None
            await person.save(using_db=client, update_fields=["pin_hash"])
            await _note(client, "person.pin_removed", person, by)
        return await _shown(client, person)

    return work


def disabling(username: str, by: By, *, disabled: bool = True) -> Verb:
    """Let the person in no more and end their sessions; or let them in again.

    Raises PersonNotFoundError, NoRightError.
    """

    async def work(client: BaseDBAsyncClient) -> PersonRow:
        person = await _ruled(client, username, by)
        if (person.disabled_at is not None) != disabled:
            person.disabled_at = by.at if disabled else None
            await person.save(using_db=client, update_fields=["disabled_at"])
            await end_sessions_of(client, person.id, by.at)
            await _note(client, "person.disabled" if disabled else "person.enabled", person, by)
            log.info("person_disabled" if disabled else "person_enabled", extra={"username": username})
        return await _shown(client, person)

    return work


async def checked_rights(directory: Directory, given: Sequence[GivenRole]) -> list[Right]:
    """The roles as rights that can hold: in halls that there are. Raises InvalidError."""
    rights: dict[tuple[Role, str], Right] = {}
    for place, one in enumerate(given):
        field = f"roles[{place}]"
        if (one.scope == EVERYWHERE) != (one.role is Role.HQ):
            raise InvalidError(_("Only headquarters are everywhere."), field=f"{field}.scope")
        if (one.role, one.scope) in rights:
            raise InvalidError(_("This role is there twice."), field=field)
        if one.role in IN_A_HALL:
            await _check_hall(directory, one, field)
        rights[one.role, one.scope] = Right(one.role, one.scope, one.counter if one.role is Role.CLERK else None)
    return list(rights.values())


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


async def _check_hall(directory: Directory, one: GivenRole, field: str) -> None:
    try:
        hall = await directory.get(one.scope)
    except HallNotFoundError as error:
        raise InvalidError(error.message, field=f"{field}.scope") from error
    if one.counter is not None and hall.counter(one.counter) is None:
        raise InvalidError(_("There is no such counter in this hall."), field=f"{field}.counter")


async def _grant(client: BaseDBAsyncClient, person: Person, rights: Sequence[Right]) -> None:
    grants = [Grant(person=person, role=one.role.value, scope=one.scope, counter=one.counter) for one in rights]
    await Grant.bulk_create(grants, using_db=client)


async def _note(client: BaseDBAsyncClient, name: str, person: Person, by: By) -> None:
    await note(client, by.did(name, person.username), tags_of(await rights_of(person.id)))


async def _locked(client: BaseDBAsyncClient, username: str) -> Person:
    """The person, and nobody else changes them before the transaction ends."""
    person = await Person.select_for_update(using_db=client).get_or_none(username=username)
    if person is None:
        raise PersonNotFoundError(username)
    return person


async def _ruled(client: BaseDBAsyncClient, username: str, by: By) -> Person:
    """As `_locked`, for what concerns all of a person: all their roles, as they are now, must be theirs who do it."""
    person = await _locked(client, username)
    if by.staff and not rules(by.staff, await rights_of(person.id)):
        raise NoRightError
    return person


async def _shown(client: BaseDBAsyncClient, person: Person) -> PersonRow:
    await person.fetch_related("grants", using_db=client)
    return shown_person(person)

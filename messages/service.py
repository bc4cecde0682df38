"""Putting messages into the outbox, and taking them out, in the transaction of what they tell about."""

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from messages.models import Outgoing
from messages.schemas import Message
from messages.states import NEEDS, Purpose, State
from o2o.kernel.i18n import LANGUAGES
from o2o.kernel.ids import timely_id
from o2o.kernel.statements import insert_new


async def put(client: BaseDBAsyncClient, message: Message) -> bool:
    """Have somebody told, if the transaction of `client` commits. True when it is new: of (purpose, subject) is one.

    Raises ValueError for a message whose text could not be written: a mistake of the caller's.
    """
    _check(message)
    row = {
        "id": timely_id(message.at),
        "purpose": message.purpose.value,
        "subject": message.subject,
        "hall": message.hall,
        "language": message.language,
        "params": msgspec.json.encode(message.params).decode(),
        "link": None if message.link is None else msgspec.json.encode(message.link).decode(),
        "contact": message.contact,
        "contact_since": message.at,
        "state": State.WAITING.value,
        "created_at": message.at,
        "due_at": max(message.at, message.due_at or 0),
    }
    return await insert_new(client, Outgoing._meta.db_table, ("purpose", "subject"), row)


async def take_out(client: BaseDBAsyncClient, purpose: Purpose, subject: str) -> bool:
    """Take a message out that nobody has begun to send. False when there is none: it may have been sent."""
    waiting = Outgoing.filter(purpose=purpose.value, subject=subject, state=State.WAITING.value, lease__isnull=True)
    return bool(await waiting.using_db(client).delete())


def _check(message: Message) -> None:
    lacking = NEEDS[message.purpose] - set(message.params)
    if lacking:
        raise ValueError(f"a message of {message.purpose} needs {', '.join(sorted(lacking))}")
    if message.language not in LANGUAGES:
        raise ValueError(f"no texts in {message.language}")

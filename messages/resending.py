"""Having a message sent again: a new round of attempts, noted in the audit."""

from tortoise.backends.base.client import BaseDBAsyncClient

from messages.errors import MessageErasedError, MessageNotFoundError, MessageWaitsError
from messages.models import Outgoing
from messages.states import State
from o2o.kernel.audit import EVERYWHERE, Difference, Done, hall_tag, note


async def send_again(client: BaseDBAsyncClient, message: str, *, actor: str, now: int) -> Outgoing:
    """Begin a new round. Raises MessageNotFoundError, MessageWaitsError, MessageErasedError.

    It is another letter, with an id of its own, which mailboxes don't take for the first.
    """
    before = await Outgoing.filter(id=message).using_db(client).select_for_update().first()
    if before is None:
        raise MessageNotFoundError
    if before.state == State.WAITING.value:
        raise MessageWaitsError
    if before.contact is None:
        raise MessageErasedError
    anew = {"state": State.WAITING.value, "round": before.round + 1, "tries": 0, "due_at": now}
    ended = {"sent_at": None, "failed_at": None, "last_error": None, "channel": None}
    await Outgoing.filter(id=message).using_db(client).update(**anew, **ended)
    was = Difference({"purpose": before.purpose, "state": before.state, "error": before.last_error})
    tag = EVERYWHERE if before.hall is None else hall_tag(before.hall)
    await note(client, Done("message.resent", actor, now, before.id), [tag], was)
    return await Outgoing.get(id=message, using_db=client)

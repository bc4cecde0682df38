"""A message as staff see it: what was or would be said, whom to, masked, and how far it has come."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from jinja2 import UndefinedError
from msgspec import Struct

from messages.channels import Channel, channel_for
from messages.contacts import masked, opened
from messages.models import Outgoing
from messages.queries import Wanted, cursor_of, outgoing
from messages.rendering import Written, address_of, written
from messages.schemas import Link
from messages.states import Purpose, State
from o2o.kernel.clock import rfc3339
from o2o.kernel.signing import Signer


class MessageRow(Struct, frozen=True):
    """`about` is the id of what it tells about, `to` a phone number or address with its middle left out.

    `to` is null once it was erased. `sendable`: some channel leads there. `text` is as it is sent, but that the link in
    it carries no right.
    """

    id: str
    purpose: str
    about: str
    hall: str | None
    language: str
    to: str | None
    title: str
    text: str
    state: str
    channel: str | None
    sendable: bool
    tries: int
    created_at: str
    due_at: str | None
    sent_at: str | None
    failed_at: str | None
    error: str | None


class MessageList(Struct, frozen=True):
    messages: list[MessageRow]
    next_cursor: str | None


class Viewer(NamedTuple):
    """What it takes to show a row."""

    signer: Signer
    base_url: str
    channels: Sequence[Channel]

    async def page(self, wanted: Wanted, cursor: str | None, limit: int) -> MessageList:
        """Latest first, behind the cursor. Raises InvalidError for a strange one."""
        rows = await outgoing(wanted, cursor, limit + 1)
        shown = rows[:limit]
        return MessageList([self.row(row) for row in shown], cursor_of(shown[-1]) if len(rows) > limit else None)

    def row(self, row: Outgoing) -> MessageRow:
        contact = opened(self.signer, row.contact)
        said = _said(row, self.base_url)
        return MessageRow(
            id=row.id,
            purpose=row.purpose,
            about=row.subject,
            hall=row.hall,
            language=row.language,
            to=masked(contact) or None,
            title=said.subject,
            text=said.text,
            state=row.state,
            channel=row.channel,
            sendable=contact is not None and channel_for(self.channels, contact) is not None,
            tries=row.tries,
            created_at=rfc3339(row.created_at),
            due_at=rfc3339(row.due_at) if row.state == State.WAITING.value else None,
            sent_at=None if row.sent_at is None else rfc3339(row.sent_at),
            failed_at=None if row.failed_at is None else rfc3339(row.failed_at),
            error=row.last_error,
        )


def _said(row: Outgoing, base_url: str) -> Written:
    link = msgspec.json.decode(row.link, type=Link) if row.link else None
    params = msgspec.json.decode(row.params, type=dict[str, str])
    try:
        return written(Purpose(row.purpose), row.language, params, address_of(link, base_url, None))
    except (UndefinedError, ValueError):  # Put by another release, whose text needed something else.
        return Written(row.purpose, "")

"""Sending what is due: each message claimed for a while, handed to a channel, and marked with what came of it.

Two processes that send at once never have the same message: a claim is an UPDATE with a condition. A process that dies
after the channel took the letter and before the mark leaves a claim that runs out, and the same letter goes a second
time, under the same id. Nothing can rule that out; see docs/decisions/0060.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from prometheus_client import Counter, Histogram

from messages.channels import OUTBOX, Channel, Letter, NeverError, NotNowError, channel_for
from messages.claims import Claim, claim, settle
from messages.contacts import masked, opened
from messages.models import Outgoing
from messages.rendering import address_of, written
from messages.schemas import Contact, Link
from messages.states import Purpose, State
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.signing import Signer

AT_ONCE: Final = 8
PAUSES: Final = (30, 120, 600, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds after each attempt that failed; the one after the last of them is the last attempt, 16 h after the first."""
NO_LONGER_KNOWN: Final = "it is not kept any more whom to tell"
TOLD: Final = 200

log = logging.getLogger(__name__)
_ended = Counter("o2o_messages", "Attempts to send a message, by what came of them", ("purpose", "channel", "end"))
_waited = Histogram(
    "o2o_message_wait_seconds",
    "From when a message was put until it was sent",
    buckets=(1, 5, 15, 60, 300, 3600, 86_400),
)


class Sending:
    def __init__(self, channels: Sequence[Channel], signer: Signer, base_url: str, clock: Clock) -> None:
        self._channels = channels
        self._signer = signer
        self._base_url = base_url
        self._clock = clock

    async def step(self) -> None:
        """Send what is due, some at once, until nothing is; stop for now when a channel is away."""
        while claims := await claim(to_ms(self._clock()), AT_ONCE):
            ends = await asyncio.gather(*(self._send(one) for one in claims), return_exceptions=True)
            for one, end in zip(claims, ends, strict=True):
                if isinstance(end, Exception):
                    # The claim runs out by itself, and the number of tries ends it if it goes on like this.
                    log.error("message_broken", extra={"sent": one.row.id}, exc_info=end)
            if any(end is not True for end in ends):
                return

    async def _send(self, one: Claim) -> bool:
        """Whether more may be sent now."""
        contact = opened(self._signer, one.row.contact)
        if contact is None:
            await self._end(one, State.FAILED, last_error=NO_LONGER_KNOWN)
            return True
        channel = channel_for(self._channels, contact)
        if channel is None:
            await self._end(one, State.KEPT, channel=OUTBOX, last_error=None)
            return True
        try:
            await channel.send(self._letter(one.row, contact))
        except NeverError as error:
            await self._end(one, State.FAILED, channel=channel.name, last_error=_told(error, contact))
        except NotNowError as error:
            await self._put_off(one, channel.name, _told(error, contact))
            return not error.away
        else:
            await self._end(one, State.SENT, channel=channel.name, last_error=None)
            _waited.observe((to_ms(self._clock()) - one.row.created_at) / 1000)
        return True

    def _letter(self, row: Outgoing, contact: Contact) -> Letter:
        link = msgspec.json.decode(row.link, type=Link) if row.link else None
        params = msgspec.json.decode(row.params, type=dict[str, str])
        address = address_of(link, self._base_url, self._signer)
        text = written(Purpose(row.purpose), row.language, params, address)
        return Letter(f"{row.id}.{row.round}", contact, row.language, text)

    async def _put_off(self, one: Claim, channel: str, error: str) -> None:
        if one.row.tries > len(PAUSES):
            await self._end(one, State.FAILED, channel=channel, last_error=error)
            return
        due_at = to_ms(self._clock()) + PAUSES[one.row.tries - 1] * 1000
        await settle(one, {"due_at": due_at, "channel": channel, "last_error": error})
        _ended.labels(one.row.purpose, channel, "put_off").inc()

    async def _end(self, one: Claim, state: State, *, channel: str | None = None, **more: Any) -> None:
        at = {State.SENT: "sent_at", State.FAILED: "failed_at"}.get(state)
        values = {"state": state.value, "channel": channel, **more} | ({at: to_ms(self._clock())} if at else {})
        if state is State.FAILED:
            log.warning("message_failed", extra={"sent": one.row.id, "purpose": one.row.purpose})
        if not await settle(one, values):
            log.warning("message_taken_over", extra={"sent": one.row.id})
        _ended.labels(one.row.purpose, channel or OUTBOX, state.value).inc()


def _told(error: Exception, contact: Contact) -> str:
    """What a server said, without the address that it likes to repeat."""
    said = " ".join(str(error).split())
    for known in (contact.email, contact.phone):
        if known:
            said = said.replace(known, masked(contact))
    return said[:TOLD]

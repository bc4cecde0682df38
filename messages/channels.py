"""The ways on which a message can go: what each promises. There is one so far (mail.py)."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from messages.rendering import Written
from messages.schemas import Contact

OUTBOX: Final = "outbox"
"""What is named as the channel of a message that no channel leads to: it is kept, and shown to staff."""


class Letter(NamedTuple):
    """One message on its way. The same `id` again is the same letter, which whoever gets it twice may drop."""

    id: str
    contact: Contact
    language: str
    written: Written


class NotNowError(Exception):
    """It may go later. `away`: the channel itself does not work, so that others need not try either."""

    def __init__(self, said: str, *, away: bool = False) -> None:
        super().__init__(said)
        self.away = away


class NeverError(Exception):
    """It will not go, however often it is tried."""


class Channel(Protocol):
    """`send` returns when somebody else has taken the letter over. It ends by itself well within a lease.

    Raises NotNowError, NeverError.
    """

    name: str

    def reaches(self, contact: Contact) -> bool: ...

    async def send(self, letter: Letter) -> None: ...


def channel_for(channels: Sequence[Channel], contact: Contact) -> Channel | None:
    """The first that leads to them; None: there is none, and nothing is sent."""
    return next((channel for channel in channels if channel.reaches(contact)), None)

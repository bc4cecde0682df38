"""Stopping a hall at once (a fire, a power cut), and going on."""

import msgspec

from booking.schemas import Pause
from booking.service.line import Line
from halls.hall import Hall
from halls.pause import Words
from o2o.kernel.attempts import Attempt


async def pause(line: Line, hall: Hall, wish: Pause, attempt: Attempt) -> None:
    """Stop giving numbers, calling, or both; everybody's page and the displays say so. Neither: go on."""
    args = {"issuing": wish.issuing, "calling": wish.calling, "message": _message(wish.message)}
    await line.submit(hall, "pause", args, attempt)


def _message(said: str | Words | None) -> str | None:
    words = Words(zh=said, en=said) if isinstance(said, str) else said
    return msgspec.json.encode(words).decode() if words else None

"""The end of a process that nobody notices: it says first that it goes, and goes when everybody has heard it."""

import asyncio
import logging
import signal
from typing import Final

ENDS: Final = signal.SIGTERM

log = logging.getLogger(__name__)


class Drain:
    """Between SIGTERM and the end. While it has `begun` the process serves as ever, and /readyz says no."""

    def __init__(self) -> None:
        self.begun = False

    def begin_at_sigterm(self, lasts_s: float) -> None:
        """Let the server's own end wait for so long; a second SIGTERM ends it at once."""
        if not lasts_s:
            return
        loop, end = asyncio.get_running_loop(), signal.getsignal(ENDS)

        def heard() -> None:
            if callable(end):
                loop.call_later(0 if self.begun else lasts_s, end, ENDS, None)
            log.info("draining", extra={"seconds": lasts_s})
            self.begun = True

        loop.add_signal_handler(ENDS, heard)


def told_to_end() -> bool:
    """Whether SIGTERM came while the server begins: uvicorn hears it, and looks only when it has begun."""
    server = getattr(signal.getsignal(ENDS), "__self__", None)
    return bool(getattr(server, "should_exit", False))

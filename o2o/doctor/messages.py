"""Whether people are told what they should be: a channel, and nothing that waits or fails for long."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from messages.mail import channels
from messages.queries import backlog
from o2o.doctor.finding import Finding, fine, mind
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.settings import Settings

LATE: Final = timedelta(minutes=10)
"""Whoever leads looks every two seconds."""
LATELY: Final = timedelta(days=1)


async def examine_messages(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Over an open database whose tables are up to date."""
    found = await backlog(to_ms(clock() - LATE), to_ms(clock() - LATELY))
    if found.late:
        said = f"{found.late} messages were due more than ten minutes ago, and nobody sends them"
        yield mind("messages.late", said, "see that somebody leads (halls.leader); read the log for job_failed")
    if found.failed or found.put_off:
        said = f"of the last day {found.failed} messages failed, and {found.put_off} wait for another attempt"
        yield mind("messages.failing", said, "read in /outbox what the mail server says of them")
    if settings.production and not channels(settings, clock):
        said = f"there is no channel: nobody is told anything, as {found.kept} messages of the last day show"
        yield mind("messages.silent", said, "set O2O_SMTP_URL and O2O_MAIL_FROM: docs/messages.md")
    yield fine("messages", f"{found.waiting} wait; of the last day {found.kept} had no channel to go by")

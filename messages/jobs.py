"""What the scheduler runs. Running a job twice, or two at once, is harmless."""

from datetime import timedelta
from typing import Final

from messages.models import Outgoing
from o2o.kernel.clock import Clock, to_ms

SEND_S: Final = 2.0
ERASE_S: Final = 3600.0


async def erase_contacts(days: int, clock: Clock) -> int:
    """Forget whom messages went to that are older; how many. What was said, and when, stays."""
    before = to_ms(clock() - timedelta(days=days))
    return await Outgoing.filter(contact_since__lt=before).update(contact=None, contact_since=None)

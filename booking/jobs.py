"""What the scheduler runs: find what is due, call a verb for it. Running a job twice is harmless."""

from booking.service.days import reset_all, sweep_all
from booking.service.line import Line

SWEEP_S = 1.0  # With the 2 s that an entry must be old, an orphan is settled within about 3 s.
RESET_S = 30.0


async def settle_orphans(line: Line) -> None:
    await sweep_all(line)


async def end_yesterday(line: Line) -> None:
    await reset_all(line)

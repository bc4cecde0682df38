"""The processes of a service that runs: which there are, until when, and their end by process id."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from tests.faults.people import Hall
from tests.installation import Installation

BETWEEN = 20
"""So many numbers are taken before and after a disturbance: the hall works."""


class Served(NamedTuple):
    installed: Installation
    process: Process


def children(process: Process) -> list[int]:
    """What the process has started, and still has."""
    found = []
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def workers(process: Process) -> set[int]:
    """The children that serve; the other one is the embedded Redis."""
    return {child for child in children(process) if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


def kill_one_of(process: Process) -> None:
    os.kill(min(workers(process)), signal.SIGKILL)


async def all_there(process: Process, count: int = 2) -> None:
    await until(lambda: len(workers(process)) == count)


async def gone(*processes: int) -> None:
    await until(lambda: not any(runs(process) for process in processes))


def runs(process: int) -> bool:
    """Whether the process is there and no zombie: in a container nobody may reap those whose parent is dead."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.05)


async def disturb(hall: Hall, disturbance: Callable[[], Awaitable[object]]) -> float:
    """Do it to a hall that works; until it works again. How long after it somebody was answered, in seconds.

    A disturbance that prepares something first returns the moment when the harm began.
    """
    await hall.crowd.more(BETWEEN)
    moment = time.monotonic()
    harmed = await disturbance()
    await hall.crowd.more(BETWEEN)
    return hall.recorder.again_after(harmed if isinstance(harmed, float) else moment)

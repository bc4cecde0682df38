"""The processes of a service that runs: which there are, until when, and their end by process id."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.faults.people import Hall
from tests.installation import Installation

BETWEEN = 20
"""So many numbers are taken before and after a disturbance: the hall works."""


class Served(NamedTuple):
    installed: Installation
    process: Process


def children(process: int) -> list[int]:
    """What the process has started, and still has."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def descendants(process: int) -> list[int]:
    """Its children, and theirs."""
    return [one for child in children(process) for one in (child, *descendants(child))]


def workers(process: Process) -> set[int]:
    """Those that serve: forked from the one of the parent's children that has everything imported."""
    forked = [one for child in children(process.pid) if _forks(child) for one in children(child)]
    return {one for one in forked if runs(one)}


def _forks(process: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return b"multiprocessing.forkserver" in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


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


async def until(true: Callable[[], bool], patience_s: float = 60) -> None:
    async with asyncio.timeout(patience_s):
        while not true():
            await asyncio.sleep(0.05)


async def disturb(hall: Hall, disturbance: Callable[[], Awaitable[object]]) -> float:
    """Do it to a hall that works; until it works again. The longest time in which nobody was answered, in seconds."""
    await hall.crowd.more(BETWEEN)
    moment = time.monotonic()
    await disturbance()
    await hall.crowd.more(BETWEEN)
    return hall.recorder.silence_after(moment)

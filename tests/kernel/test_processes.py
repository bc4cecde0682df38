"""A process ends with the one that started it, also when that one was killed before the kernel was asked for it."""

import asyncio
import multiprocessing
import os
import sys
import time
from pathlib import Path

from o2o.kernel.processes import end_with_who_started_us
from tests.faults.supervisor import gone

BEGIN = "from tests.kernel.test_processes import begin; begin()"
ROOT = Path(__file__).parents[2]
FOR_GOOD_S = 300


def begin() -> None:
    """Start a process, say which, and end without a word before it asks for anything."""
    process = multiprocessing.get_context("spawn").Process(target=begin_slowly)
    process.start()
    os.write(sys.stdout.fileno(), f"{process.pid}\n".encode())
    os._exit(0)


def begin_slowly() -> None:
    parent = multiprocessing.parent_process()
    while parent and os.getppid() == parent.pid:
        time.sleep(0.01)
    end_with_who_started_us()
    time.sleep(FOR_GOOD_S)


async def test_a_process_ends_whose_parent_is_dead_before_it_asks() -> None:
    starting = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BEGIN, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert starting.stdout
    said = await starting.stdout.readline()  # Not to its end: that is the other's too.

    await gone(int(said))

    await starting.communicate()

"""One of two processes is told to end while all work and look on: its people turn to the other, and nothing is lost."""

import asyncio
import os
import signal

import pytest

from tests.faults.displays import Scene, watched
from tests.faults.guards import Guard, without
from tests.faults.people import nankai
from tests.faults.report import Account
from tests.faults.supervisor import all_there, gone, workers
from tests.installation import Installation
from websocket.closing import Close

pytestmark = pytest.mark.slow
DISPLAYS = 40
CUT = 1006  # The kernel drops what was said when something unread comes at the same moment.

OUR_CLOSE = Guard(
    "websocket/server.py",
    "if self.handshake_complete and not self.close_sent and not self.transport.is_closing():",
    "if False:",
)


async def one_told_to_end(process: asyncio.subprocess.Process) -> None:
    """As `systemctl stop` does it; another takes its place."""
    await all_there(process)
    told = min(workers(process))
    os.kill(told, signal.SIGTERM)
    await gone(told)
    await all_there(process)


def codes(scene: Scene) -> set[int]:
    """What displays were told that had the hall before them; one that is just coming may be cut off without a word."""
    return {one.codes[0] for one in scene.watching if one.codes}


async def test_one_of_two_workers_told_to_end(installed: Installation, account: Account) -> None:
    hall = nankai(installed, patient=False)
    async with installed.serving() as process, watched(installed, DISPLAYS) as scene:
        async with hall.open():
            for _ in account.times(2, 20):
                await account.disturb(hall, lambda: one_told_to_end(process))
        await scene.all_right()

    assert await account.balance(hall) == []
    assert hall.served
    assert Close.GOING_AWAY in codes(scene) <= {Close.GOING_AWAY, CUT}


@pytest.mark.once
async def test_control_uvicorns_own_close_does_not_say_come_back(installed: Installation) -> None:
    without(installed, OUR_CLOSE)
    async with installed.serving() as process, watched(installed, DISPLAYS) as scene:
        while not codes(scene):
            await one_told_to_end(process)

    assert Close.GOING_AWAY not in codes(scene)

"""One display in a hundred reads nothing or slowly, all come back at once: nobody else notices, and all are right."""

import math
import re
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import quantiles

import pytest

from tests.faults.displays import Display, Scene, until, watched
from tests.faults.guards import Guard, without
from tests.faults.proxy import Proxy
from tests.faults.report import WATCHING, Account
from tests.installation import Installation
from tests.stack import stack

pytestmark = pytest.mark.sqlite  # Displays know nothing of what the rows are kept in.

FEW = 12
EVENTS = 150
"""More than the kernel holds for one display. Then an outbox waits for as long as it takes to say 100 at the pace."""
SLOWLY_S = 4.0  # 16 kB in so long is less than a busy hall has to say.
PACE_S = 0.1
CUT = '"code":4408'
SOCKETS = 'o2o_sockets{stream="hall"}'
PICTURES, SNAPSHOTS = "o2o_pictures_read_total", "o2o_snapshots_made_total"

THE_CUT = Guard(
    "websocket/outbox.py", "        if self._over:\n            return\n        self._over = True", "        return"
)
THE_KERNELS_CUT = Guard("websocket/server.py", "if USER_TIMEOUT and sock.family in IP:", "if not USER_TIMEOUT:")
SERVER = ("o2o/commands/serving.py", '"server_header": False,')
QUICK_PINGS = Guard(*SERVER, '"server_header": False, "ws_ping_interval": 1, "ws_ping_timeout": 1,')
PINGS = Guard(*SERVER, '"server_header": False, "ws_ping_interval": None,')
HALL = "websocket/live_hall.py"
SHARED = (
    Guard(HALL, "BETWEEN_READS_S: Final = 1.0", "BETWEEN_READS_S: Final = 0.0"),
    Guard(
        HALL, "        if not self._ready.is_set():\n            self.read()", "        self.read()\n        if True:"
    ),
    Guard("websocket/made.py", 'if "hall" not in self._frames:', "if True:"),
    Guard(
        HALL,
        "missed = self.picture.version - resume.version\n        if missed < 0 or",
        "missed = 0\n        if True or",
    ),
)
"""A picture for all who come in a second, a snapshot for all of a version, events for who has the rest."""
Tell = Callable[..., None]


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    """One process, whose memory is looked at."""
    folder = tmp_path / "data"
    return Installation(folder, **{**stack.demo(folder), "O2O_WORKERS": "1"})


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Put a row into the table of displays in docs/faults.md."""
    watching = request.config.stash.get(WATCHING, None)

    def told(what: str, *figures: object) -> None:
        if watching:
            watching.note(f"| {what} | {' | '.join(str(figure) for figure in figures)} |")

    return told


class TestOneInAHundred:
    async def test_that_reads_nothing_is_cut_off_and_nobody_else_notices(
        self, installed: Installation, account: Account, tell: Tell
    ) -> None:
        count = 1000 if account.thorough else FEW
        async with installed.serving() as process, watched(installed, count) as scene:
            stalled, others = split(scene)
            await some_events(scene, account)
            tell("all read", f"{count:,}", *late(others), "", memory(process.pid))
            before, began = memory(process.pid), time.monotonic()

            for one in stalled:
                one.read(None)
            await some_events(scene, account)
            while installed.log.read_text().count(CUT) < len(stalled):
                await scene.happens(1, PACE_S)

            took = f"cut after {time.monotonic() - began:.0f}"
            tell("one in a hundred reads nothing", f"{count:,}", *late(others), took, memory(process.pid))
            assert not any(one.codes for one in others)
            assert memory(process.pid) - before < 50
            for one in stalled:
                one.read(0)
            await scene.all_right()
            assert all(one.codes for one in stalled)

    async def test_that_reads_nothing_stays_without_the_cuts(self, installed: Installation) -> None:
        without(installed, THE_CUT, THE_KERNELS_CUT)
        async with installed.serving(), watched(installed, FEW) as scene:
            stalled, _others = split(scene)
            for one in stalled:
                one.read(None)
            await scene.happens(EVENTS)
            await scene.happens(EVENTS, PACE_S)

        assert CUT not in installed.log.read_text()

    async def test_that_reads_slowly_is_right_in_the_end_and_nobody_else_notices(
        self, installed: Installation, account: Account, tell: Tell
    ) -> None:
        count = 1000 if account.thorough else FEW
        async with installed.serving() as process, watched(installed, count) as scene:
            slow, others = split(scene)
            before = memory(process.pid)
            for one in slow:
                one.read(SLOWLY_S)
            await some_events(scene, account)

            tell("one in a hundred reads slowly", f"{count:,}", *late(others), "", memory(process.pid))
            assert not any(one.codes for one in others)
            assert memory(process.pid) - before < 50
            for one in slow:
                one.read(0)
            await scene.all_right()


class TestAllAtOnce:
    async def test_come_back_to_one_picture(self, installed: Installation, account: Account, tell: Tell) -> None:
        count = as_many(account)
        async with installed.serving() as process, watched(installed, count) as scene:
            await scene.happens(20)
            read, made, began = await scene.figure(PICTURES), await scene.figure(SNAPSHOTS), time.monotonic()

            await comes_back(scene)

            took = time.monotonic() - began
            read, made = await scene.figure(PICTURES) - read, await scene.figure(SNAPSHOTS) - made
            what = f"all lose their line at once; {read:.0f} pictures read, {made:.0f} snapshots made"
            tell(what, f"{count:,}", "", "", f"right after {took:.1f}", memory(process.pid))
            assert read <= took + 1
            assert made <= took + 2
            assert took < 60

    async def test_control_without_what_they_share_each_has_a_picture_and_a_snapshot(
        self, installed: Installation
    ) -> None:
        without(installed, *SHARED)
        async with installed.serving(), watched(installed, count := 100) as scene:
            await scene.happens(20)
            read, made, began = await scene.figure(PICTURES), await scene.figure(SNAPSHOTS), time.monotonic()

            await comes_back(scene)

            took = time.monotonic() - began
            assert await scene.figure(PICTURES) - read > took + 1
            assert await scene.figure(SNAPSHOTS) - made >= count

    async def test_find_a_service_that_was_killed(self, installed: Installation, account: Account, tell: Tell) -> None:
        count = as_many(account)
        async with installed.serving() as process, watched(installed, count) as scene:
            await scene.happens(20)
            process.kill()
            await process.wait()
            async with installed.serving() as again:
                began = time.monotonic()
                await scene.happens(10)
                await scene.all_right()
                took = time.monotonic() - began
                read, made = await scene.figure(PICTURES), await scene.figure(SNAPSHOTS)
                what = f"the service is killed; {read:.0f} pictures read, {made:.0f} snapshots made"
                tell(what, f"{count:,}", "", "", f"right after {took:.1f}", memory(again.pid))
                assert read <= took + 2


class TestHalfOpen:
    async def test_displays_are_let_go_of_and_come_back(
        self, installed: Installation, account: Account, tell: Tell
    ) -> None:
        if not account.thorough:
            without(installed, QUICK_PINGS)
        proxy = Proxy(("127.0.0.1", installed.port))
        async with installed.serving() as process, proxy.laid(), watched(installed, FEW, proxy.port) as scene:
            began = time.monotonic()
            proxy.swallow()
            while await scene.figure(SOCKETS):
                await scene.happens(1, PACE_S)

            took = time.monotonic() - began
            tell("half open", FEW, "", "", f"let go of after {took:.0f}", memory(process.pid))
            await comes_back(scene)

    async def test_displays_stay_without_pings(self, installed: Installation) -> None:
        without(installed, PINGS)
        proxy = Proxy(("127.0.0.1", installed.port))
        async with installed.serving(), proxy.laid(), watched(installed, FEW, proxy.port) as scene:
            proxy.swallow()
            await scene.happens(60, PACE_S)

            assert await scene.figure(SOCKETS) == FEW


async def some_events(scene: Scene, account: Account) -> None:
    if account.thorough:
        await scene.happens(200, PACE_S)
    else:
        await scene.happens(EVENTS)


async def comes_back(scene: Scene) -> None:
    """All lose their line at once, and people go on coming."""
    for one in scene.watching:
        one.drop()
    await until(lambda: all(one.codes for one in scene.watching))
    await scene.happens(10)
    await scene.all_right()
    while await scene.figure(SOCKETS) < len(scene.watching):
        await scene.happens(1, PACE_S)
    for one in scene.watching:
        one.codes.clear()


def as_many(account: Account) -> int:
    """As the promises name, as far as the machine lets a process have open files."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(10_000, hard - 500) if account.thorough else 100


def split(scene: Scene) -> tuple[list[Display], list[Display]]:
    """One in a hundred, and the others."""
    few = math.ceil(len(scene.watching) / 100)
    return scene.watching[:few], scene.watching[few:]


def memory(process: int) -> int:
    """What it holds, in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) // 1024


def late(watching: Sequence[Display]) -> tuple[str, str]:
    """How long after it happened they heard of each event since the last time: p50 and p99, in milliseconds."""
    percentiles = quantiles([seconds * 1000 for one in watching for seconds in one.late], n=100)
    for one in watching:
        one.late.clear()
    return f"{percentiles[49]:.0f}", f"{percentiles[98]:.0f}"

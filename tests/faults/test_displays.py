"""One display in a hundred reads nothing or slowly, all come back at once: nobody else notices, and all are right."""

import math
import os
import re
import resource
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import quantiles

import pytest

from tests.faults.displays import Display, Scene, until, watched
from tests.installation import Installation
from tests.stack import stack

pytestmark = pytest.mark.sqlite  # Displays know nothing of what the rows are kept in.
WHOLE = bool(os.environ.get("O2O_WHOLE"))
"""As many as the promises name, and their figures; else a few."""
EVENTS = 600
"""What the kernel and an outbox hold for one display are 400 at most."""
SLOWLY_S = 4.0  # 16 kB in so long is less than a busy hall has to say.
PACE_S = 0.1
SOCKETS = 'o2o_sockets{stream="hall"}'
PICTURES, SNAPSHOTS = "o2o_pictures_read_total", "o2o_snapshots_made_total"


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    folder = tmp_path / "data"
    return Installation(folder, **{**stack.environ(folder), "O2O_WORKERS": "1"})


def open_files() -> int:
    """How many files this process, and a service that it starts, may have open: as many as the machine lets them."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def without(guard: str, installed: Installation) -> None:
    installed.environ["PYTHONPATH"] = str(Path(__file__).parents[1] / guard)


class TestOneInAHundred:
    async def test_that_reads_nothing_is_cut_off_and_nobody_else_notices(self, installed: Installation) -> None:
        async with installed.serving() as process, watched(installed, 1000 if WHOLE else 12) as scene:
            stalled, others = split(scene)
            await some_events(scene)
            tell("all read", others)
            before, began = memory(process.pid), time.monotonic()

            for one in stalled:
                one.read(None)
            await some_events(scene)
            while await scene.figure(SOCKETS) > len(others):
                await scene.happens(1, PACE_S)

            tell(f"{len(stalled)} read nothing, cut after {time.monotonic() - began:.0f} s", others)
            assert not any(one.codes for one in others)
            assert memory(process.pid) - before < 50
            for one in stalled:
                one.read(0)
            await scene.all_right()
            assert all(one.codes for one in stalled)

    async def test_that_reads_nothing_stays_for_ever_without_the_outbox(self, installed: Installation) -> None:
        without("patient", installed)
        async with installed.serving(), watched(installed, 12) as scene:
            stalled, _others = split(scene)
            for one in stalled:
                one.read(None)
            await scene.happens(EVENTS)
            await scene.happens(60, PACE_S)  # Longer than the cut itself takes.

            assert await scene.figure(SOCKETS) == len(scene.watching)

    async def test_that_reads_slowly_is_right_in_the_end_and_nobody_else_notices(self, installed: Installation) -> None:
        async with installed.serving() as process, watched(installed, 1000 if WHOLE else 12) as scene:
            slow, others = split(scene)
            before = memory(process.pid)
            for one in slow:
                one.read(SLOWLY_S)
            await some_events(scene)
            tell(f"{len(slow)} read slowly", others)

            assert not any(one.codes for one in others)
            assert memory(process.pid) - before < 50
            for one in slow:
                one.read(0)
            await scene.all_right()


class TestAllAtOnce:
    COUNT = min(10_000, open_files() - 500) if WHOLE else 100

    async def test_come_back_to_one_picture(self, installed: Installation) -> None:
        async with installed.serving() as process, watched(installed, self.COUNT) as scene:
            await scene.happens(20)
            read, made, began = await scene.figure(PICTURES), await scene.figure(SNAPSHOTS), time.monotonic()
            before = memory(process.pid)

            await comes_back(scene)

            took = time.monotonic() - began
            read, made = await scene.figure(PICTURES) - read, await scene.figure(SNAPSHOTS) - made
            note(f"{self.COUNT:,} come back: {took:.1f} s, {read:.0f} pictures read, {made:.0f} snapshots made, "
                 f"{before} MB, then {memory(process.pid)} MB")  # fmt: skip
            assert read <= took + 1

    async def test_read_many_pictures_where_each_has_its_own(self, installed: Installation) -> None:
        without("greedy", installed)
        async with installed.serving(), watched(installed, 100) as scene:
            read, began = await scene.figure(PICTURES), time.monotonic()
            while (await scene.figure(PICTURES) - read) <= (time.monotonic() - began) + 1:
                await comes_back(scene)

    async def test_find_a_service_that_was_killed(self, installed: Installation) -> None:
        async with installed.serving() as process, watched(installed, self.COUNT) as scene:
            await scene.happens(20)
            process.kill()
            await process.wait()
            async with installed.serving():
                began = time.monotonic()
                await scene.all_right()
                read, made = await scene.figure(PICTURES), await scene.figure(SNAPSHOTS)
                took = time.monotonic() - began
                note(f"{self.COUNT:,} after kill -9: {took:.1f} s, {read:.0f} read, {made:.0f} made")
                assert read <= took + 2


async def some_events(scene: Scene) -> None:
    if WHOLE:
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
    await until_connected(scene)
    for one in scene.watching:
        one.codes.clear()


async def until_connected(scene: Scene) -> None:
    while await scene.figure(SOCKETS) < len(scene.watching):
        await scene.happens(1, PACE_S)


def split(scene: Scene) -> tuple[list[Display], list[Display]]:
    """One in a hundred, and the others."""
    few = math.ceil(len(scene.watching) / 100)
    return scene.watching[:few], scene.watching[few:]


def memory(process: int) -> int:
    """What it holds, in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) // 1024


def tell(what: str, watching: Iterable[Display]) -> None:
    """How late they heard of each event since the last time."""
    late = [seconds * 1000 for one in watching for seconds in one.late]
    percentiles = quantiles(late, n=100)
    note(f"{what}: {len(late):,} events heard, p50 {percentiles[49]:.1f} ms, p99 {percentiles[98]:.1f} ms")
    for one in watching:
        one.late.clear()


def note(line: str) -> None:
    sys.stdout.write(f"{line}\n")

"""What an SQLite file wants as it grows: a backup each night, a VACUUM when somebody wants disk back."""

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.bench import taking
from benchmarks.engines.pasts import Pair
from benchmarks.engines.timing import asked
from benchmarks.past import HALL
from benchmarks.sizes import Sizes


async def measure(pair: Pair, sizes: Sizes) -> list[list[str]]:
    return [*await _backup(pair, sizes), _vacuum(pair)]


async def _backup(pair: Pair, sizes: Sizes) -> list[list[str]]:
    before = await _numbers(pair, sizes)
    meanwhile: list[float] = []
    with TemporaryDirectory(prefix="o2o-backup-") as folder:
        settings = {"O2O_DATA_DIR": str(pair.full.service.data), "O2O_DATABASE_URL": pair.url}
        command = (sys.executable, "-m", "o2o.cli", "backup", folder)
        begun = perf_counter()
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | settings, stdout=asyncio.subprocess.DEVNULL
        )
        ended = asyncio.create_task(process.wait())
        while not ended.done():
            meanwhile.append(await _numbers(pair, sizes))
        took = perf_counter() - begun
    assert process.returncode == 0, "no backup was made"
    slower = [f"{fmean(meanwhile):,.0f}/s", f"{before:,.0f}/s", f"{fmean(meanwhile) / before:.2f}"]
    spread = f"{min(meanwhile) / before:.2f} to {max(meanwhile) / before:.2f}"
    return [["`o2o backup`", f"{took:.0f} s", "", "", ""], ["numbers given while it copies; before", *slower, spread]]


async def _numbers(pair: Pair, sizes: Sizes) -> float:
    return (await asked(pair.full, taking(HALL), sizes.connections, sizes.round_s)).per_second


def _vacuum(pair: Pair) -> list[str]:
    """Nobody asks for anything meanwhile: whoever writes would wait."""
    path = Path(pair.url.removeprefix("sqlite://"))
    before, begun = path.stat().st_size, perf_counter()
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as client:
        client.execute("VACUUM")
        client.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    took = perf_counter() - begun
    return ["`VACUUM`, nobody else there", f"{took:.0f} s", "", f"{path.stat().st_size / before:.2f} of the size", ""]

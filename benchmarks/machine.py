"""The machine and the programs that figures were measured with, and how busy it was with other things."""

import asyncio
import os
import platform
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from tests.postgres import programs_folder
from tests.stack import carried_redis

LOOK_S: Final = 1.0
_LIBRARIES: Final = ("starlette", "uvicorn", "websockets")


class Machine(msgspec.Struct, frozen=True):
    cores: int
    processor: str
    system: str
    python: str
    sqlite: str
    redis: str
    postgresql: str
    libraries: dict[str, str]

    def in_words(self) -> str:
        """One paragraph in lines of at most 120 characters."""
        libraries = ", ".join(f"{name} {number}" for name, number in self.libraries.items())
        return (
            f"{self.cores} cores ({self.processor}), {self.system}; service, Redis, database and load share them.\n"
            f"Python {self.python}, {libraries},\n"
            f"SQLite {self.sqlite}, Redis {self.redis}, PostgreSQL {self.postgresql}; every commit waits for the disk."
        )


def describe() -> Machine:
    redis = shutil.which("redis-server") or shutil.which("valkey-server") or carried_redis()
    return Machine(
        cores=os.cpu_count() or 1,
        processor=_processor(),
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        redis=_said([redis, "--version"]).partition("v=")[2].split()[0] if redis else "none",
        postgresql=_said([str(programs_folder() / "postgres"), "--version"]).split()[-1],
        libraries={name: version(name) for name in _LIBRARIES},
    )


def commit() -> str:
    """The commit that is measured, with a plus where the sources are not quite its own."""
    changed = _said(["git", "status", "--porcelain", "--", "*.py", "*.lua"])
    return _said(["git", "rev-parse", "--short", "HEAD"]) + "+" * bool(changed)


async def used_by_others() -> float:
    """The share of the machine's cores that is in use while nothing of ours runs; 0 where that can't be seen."""
    before = _ticks()
    await asyncio.sleep(LOOK_S)
    spent = [after - earlier for earlier, after in zip(before, _ticks(), strict=True)]
    idle, waiting = 3, 4
    return 1 - (spent[idle] + spent[waiting]) / sum(spent) if any(spent) else 0.0


def _ticks() -> list[int]:
    try:
        first = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return [0] * 8
    return [int(ticks) for ticks in first.split()[1:9]]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _said(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

"""Disks that can be filled, and get room again, under a service that runs."""

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

SIZE = "48m"
BLOCK = b"x" * 4096


class Disk(Protocol):
    def fill(self, process: int) -> None: ...

    def free(self, process: int) -> None: ...


class Small:
    """A file system of its own; mounting it takes an administrator's rights."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self, process: int) -> None:
        filler = os.open(self._filler, os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while os.write(filler, BLOCK):
                pass
        os.close(filler)

    def free(self, process: int) -> None:
        self._filler.unlink()


class Refusing:
    """The kernel lets the process write no file beyond its first page, as a quota or a failing disk does."""

    def fill(self, process: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (len(BLOCK), resource.RLIM_INFINITY))

    def free(self, process: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk | None]:
    """A small disk at `folder` while the block runs; None where it may not be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        yield None
        return
    try:
        yield Small(folder)
    finally:
        subprocess.run(["umount", folder], check=True)

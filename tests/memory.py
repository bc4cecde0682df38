"""Where tests write: into memory where this machine has enough. No test waits for the disk that is not about it."""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - each test has a folder of its own there
ENOUGH = 4 * 1024**3


def in_memory() -> Path | None:
    """The folder for what tests write, unless TMPDIR names one or there is too little room (containers have 64 MiB)."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        return None
    return MEMORY

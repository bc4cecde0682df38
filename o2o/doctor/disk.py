"""The folders that are written, and the room on their disks."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from o2o.doctor.finding import Finding, fine, mind, wrong
from o2o.kernel.database import sqlite_file
from o2o.kernel.settings import Settings, SettingsError

MIB: Final = 1024**2
LITTLE: Final = 500 * MIB
NONE: Final = 50 * MIB


def examine_disk(settings: Settings) -> Iterator[Finding]:
    """The data folder, and that of SQLite's file, which may be another one."""
    try:
        settings.make_data_dir()
        yield _room(settings.data_dir)
    except (SettingsError, OSError) as error:
        yield wrong("disk.folder", str(error), "set O2O_DATA_DIR to a folder that can be written")
    file = sqlite_file(settings.database_url)
    if file is None or not file.exists():
        return
    for path in (file, file.parent):  # Beside it is its log, which is made and taken away.
        if not os.access(path, os.W_OK):
            yield wrong(
                "disk.folder", f"{path} can't be written", "give it to the user that serves (chown), or mount it anew"
            )
    if file.parent.resolve() != settings.data_dir:
        yield _room(file.parent)


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free // MIB:,} MiB free in {folder}"
    advice = "make room: without it no number can be given (o2o.db.before-… files are what restores have kept)"
    if free < NONE:
        return wrong("disk.full", said, advice)
    if free < LITTLE:
        return mind("disk.little", said, advice)
    return fine("disk", said)

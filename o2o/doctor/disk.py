"""The data folder, and the room on its disk."""

import shutil
from typing import Final

from o2o.doctor.finding import Finding, fine, mind, wrong
from o2o.kernel.settings import Settings

MIB: Final = 1024**2
LITTLE: Final = 500 * MIB
NONE: Final = 50 * MIB


def examine_disk(settings: Settings) -> Finding:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        return wrong("disk.folder", f"no data folder: {error}", "set O2O_DATA_DIR to a folder that can be written")
    said = f"{free // MIB:,} MiB free in {settings.data_dir}"
    advice = "make room: without it no number can be given (o2o.db.before-… files are what restores have kept)"
    if free < NONE:
        return wrong("disk.full", said, advice)
    if free < LITTLE:
        return mind("disk.little", said, advice)
    return fine("disk", said)

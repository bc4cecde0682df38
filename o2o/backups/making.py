"""Make a backup: noted, copied while others work, read from end to end, and only then given its name."""

from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tortoise.exceptions import BaseORMException

from o2o.backups.contents import Contents
from o2o.backups.engine import Engine, stamp
from o2o.backups.errors import BackupError
from o2o.backups.sqlite import sync
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.database import open_database
from o2o.kernel.models import Backup
from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer


@dataclass(frozen=True, slots=True)
class Made:
    file: Path
    bytes: int
    contents: Contents
    removed: list[Path]


async def make_backup(settings: Settings, engine: Engine, target: Path, clock: Clock, keep: int | None) -> Made:
    """A backup as `target`, or in the folder `target`, where then only the newest `keep` stay. Raises BackupError."""
    if nothing := engine.missing():
        raise BackupError(f"{nothing}: look at O2O_DATABASE_URL and O2O_DATA_DIR")
    now = to_ms(clock())
    if keep is not None:
        ensure_folder(target)
    file = _new_file(target, engine.suffix, now)
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    note = await _note(settings, file, now)
    try:
        await engine.dump(part)
        contents = await engine.read(part)
        sync(part)
        part.rename(file)
        sync(file.parent)
    except OSError as error:
        raise BackupError(f"no backup was made: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    if note:
        await _note_done(settings, note, to_ms(clock()))
    return Made(file, file.stat().st_size, contents, _remove_older(file, engine.suffix, keep))


def ensure_folder(path: Path) -> None:
    """Raises BackupError where no folder is: a file of that name would stand in the next night's way."""
    if not path.is_dir():
        raise BackupError(f"there is no folder {path}: make it first")


def _new_file(target: Path, suffix: str, now: int) -> Path:
    if target.is_dir():
        target /= f"o2o-{stamp(now)}{suffix}"
    if target.exists():
        raise BackupError(f"{target} is there already: name another file, or a folder")
    ensure_folder(target.parent)
    return target.absolute()


def _remove_older(file: Path, suffix: str, keep: int | None) -> list[Path]:
    """Their names sort by their moments. Files with other names are not ours to remove."""
    if keep is None:
        return []
    older = sorted(file.parent.glob(f"o2o-????????T??????Z{suffix}"))[:-keep]
    for path in older:
        path.unlink()
    return older


async def _note(settings: Settings, file: Path, now: int) -> Backup | None:
    """So that the copy knows its moment. Where that can't be written (a full disk, old tables) it is done without."""
    keys = ",".join(Signer(settings.secret_keys).fingerprints())
    with suppress(BaseORMException, OSError):
        async with open_database(settings.database_url):
            return await Backup.create(at=now, release=version("o2o"), keys=keys, file=str(file))
    return None


async def _note_done(settings: Settings, note: Backup, now: int) -> None:
    with suppress(BaseORMException, OSError):
        async with open_database(settings.database_url):
            note.done_at = now
            await note.save()

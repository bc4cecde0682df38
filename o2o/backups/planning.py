"""What a restore would do: what is lost, which numbers may be on paper, what speaks against it. Nothing is changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError
from tortoise.migrations.loader import MigrationLoader
from tortoise.migrations.recorder import MigrationRecorder

from booking.inspection import read_loaded
from halls.stock.inspection import highest_epoch
from o2o.backups.contents import Contents, Of, highest
from o2o.backups.engine import Engine
from o2o.backups.errors import BackupError
from o2o.backups.presence import who_serves
from o2o.kernel.clock import Clock, rfc3339, to_ms
from o2o.kernel.database import tortoise_config
from o2o.kernel.redis import open_redis
from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer

NUMBERS_UNKNOWN: Final = (
    "neither the old database nor Redis can say which numbers people have by now: look at the last one on a display or "
    "on paper, and say with --skip-numbers how many may have been given since the backup. Rather too many: a gap harms "
    "nobody, a number that two people have does; 0 when no hall has been open since"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`given` are the last numbers that people may have, of days that may be on; `skip` more are kept back of each."""

    now: int
    backup: Contents
    before: Contents | None
    given: Mapping[Of, int]
    skip: int
    above: int
    """Every fence is raised to this or higher: no epoch that anybody may still know of reaches it."""
    warnings: list[str]

    def forgotten(self) -> dict[Of, tuple[int, int]]:
        """The first and the last number of each line that people may have, and the restored database has not."""
        kept = self.backup.numbers
        return {of: (kept.get(of, 0) + 1, last) for of, last in sorted(self.given.items()) if last > kept.get(of, 0)}


@dataclass(slots=True)
class _Remembered:
    """What Redis knows of halls: those it has whole, the last numbers it gave, and the highest epoch."""

    halls: set[str] = field(default_factory=set)
    numbers: dict[Of, int] = field(default_factory=dict)
    epoch: int = 0


async def plan_restore(settings: Settings, engine: Engine, file: Path, clock: Clock, skip: int | None) -> Plan:
    """Raises BackupError for whatever speaks against the restore."""
    now = to_ms(clock())
    if someone := await who_serves(settings, engine):
        raise BackupError(f"{someone}: stop every serve and worker first")
    backup = await engine.read(file)
    _refuse(backup, file, settings, now)
    before = await engine.live()
    redis = await _remembered(settings, {*backup.halls, *(before.halls if before else ())})
    given = highest([*(before.numbers_since(now).items() if before else ()), *redis.numbers.items()])
    if skip is None and not _goes_on_from(backup, before) and not set(backup.halls) <= redis.halls:
        raise BackupError(NUMBERS_UNKNOWN)
    return Plan(
        now=now,
        backup=backup,
        before=before,
        given=given,
        skip=skip or 0,
        above=max(now, backup.epoch + 1, before.epoch + 1 if before else 0, redis.epoch + 1),
        warnings=_doubts(backup, settings),
    )


def _refuse(backup: Contents, file: Path, settings: Settings, now: int) -> None:
    loader = MigrationLoader(tortoise_config(settings.database_url)["apps"], MigrationRecorder(None))
    loader.load_disk()
    known = {f"{key.app_label}.{key.name}" for key in loader.disk_migrations}
    if later := sorted(backup.migrations - known):
        raise BackupError(f"{file} is of a later release ({later[0]} is not known here): install that release first")
    moment = max(backup.note.at if backup.note else 0, backup.last_change or 0)
    if moment > now:
        raise BackupError(
            f"this machine's clock says {rfc3339(now)}, and the backup is of {rfc3339(moment)}: set the clock right"
        )


def _goes_on_from(backup: Contents, before: Contents | None) -> bool:
    """Whether it can be the database that was backed up: one made anew has fewer changes, and nothing to say of it."""
    return before is not None and before.events >= backup.events


def _doubts(backup: Contents, settings: Settings) -> list[str]:
    if backup.note is None:
        return ["`o2o backup` did not make this file, so neither its moment nor its secret key is known"]
    if backup.note.keys[0] in Signer(settings.secret_keys).fingerprints():
        return []
    advice = (
        f"the backup was made with another secret key (fingerprint {backup.note.keys[0]}): put that key into "
        "O2O_SECRET_KEY, behind the one in force, or its printed codes, ticket links and screens are worth nothing and "
        "its phone numbers can't be read"
    )
    return [advice]


async def _remembered(settings: Settings, halls: set[str]) -> _Remembered:
    """Nothing when Redis is away, or is the service's own, which ended with it."""
    found = _Remembered()
    if settings.redis_url is None:
        return found
    async with open_redis(settings.redis_url, settings.data_dir) as redis:
        try:
            loaded = await read_loaded(redis.read, sorted(halls))
            found.epoch = await highest_epoch(redis.mutate)
        except (RedisError, OSError):
            return found
    for hall, state in loaded.items():
        found.epoch = max(found.epoch, state.epoch)
        found.numbers |= {Of(hall, state.day, prefix): serial for prefix, serial in state.numbers.items()}
        if state.current:
            found.halls.add(hall)
    return found

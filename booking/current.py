"""Answers that are given again for as long as SQL has nothing newer.

Every committed change of a hall has an event, so the hall's epoch and last version say which state of it SQL has.
Whoever asks shares one look at them with all who ask (`Shared`), which begins after the question: so an answer that is
given again is what a new reading would give, at a small part of its cost.
"""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from halls.hall import Hall
from o2o.kernel.audit import hall_tag
from o2o.kernel.clock import Clock
from o2o.kernel.database import connection
from o2o.kernel.sharing import Shared
from o2o.kernel.statements import Version, last_versions

AGE: Final = timedelta(seconds=30)
"""Time alone changes an answer too, by minutes: who has waited too long, how fast calls come."""
MOST: Final = 10_000


class Made(NamedTuple):
    """An answer, and the version of the hall that it shows at least.

    Too low a version only has the answer made again; too high a one would keep it beyond its time.
    """

    answer: bytes
    version: Version


class _Kept(NamedTuple):
    version: Version
    hall: Hall
    at: datetime
    answer: bytes


class Current:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._versions = Shared(_read_versions)
        self._kept: dict[Hashable, _Kept] = {}

    async def answer(self, hall: Hall, key: Hashable, make: Callable[[Version], Awaitable[Made]]) -> bytes:
        """What was made for `key` of this revision of the hall at its last committed version, or is made now."""
        (version,) = await self._versions.get((hall.id,))
        now, kept = self._clock(), self._kept.get(key)
        if kept and kept.version == version and kept.hall is hall and kept.at <= now < kept.at + AGE:
            return kept.answer
        made = await make(version)
        if made.version >= version:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = _Kept(version, hall, now, made.answer)
        return made.answer


async def _read_versions(halls: Collection[str]) -> Mapping[str, Version]:
    tags = {hall_tag(hall): hall for hall in halls}
    return {tags[tag]: version for tag, version in (await last_versions(connection(), list(tags))).items()}

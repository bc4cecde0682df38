"""Putting a hall, and the directory: every hall in memory, for each request to look at."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from halls.assembly import assemble
from halls.atlas import Atlas
from halls.errors import (
    CounterNotFoundError,
    CounterTakenError,
    HallChangedError,
    HallNotFoundError,
    HallUnreadableError,
    PlaceTakenError,
)
from halls.hall import Counter, Hall
from halls.models import CounterRecord, HallRecord, Warehouse
from halls.schemas import HallInput
from o2o.kernel.audit import Done, changed, hall_tag, note, place_tag
from o2o.kernel.clock import to_ms
from o2o.kernel.database import connection, transaction
from o2o.kernel.errors import InvalidError
from o2o.kernel.invalid import invalid
from o2o.kernel.sharing import Shared
from o2o.kernel.statements import make_fence, marks

Edit = Callable[[HallInput | None, int], HallInput]
"""From a hall's document and its revision (None and 0: there is no hall) to the document as it should be."""
REVISION_MS: Final = 10_000
LIST_AGE_S: Final = 3.0
"""How old a list of halls may be: the finder is asked often, and halls seldom change."""

log = logging.getLogger(__name__)


class Directory:
    """This process's memory of all halls. A hall is never changed in it, only replaced by a later revision.

    `get` asks SQL only about a hall that it has never seen. Whoever learns elsewhere that a hall has another revision
    (the line does, from Redis) calls `refresh`.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._halls: dict[str, Hall] = {}
        self._hall_of_counter: dict[str, str] = {}
        self._unreadable: dict[str, int] = {}
        # Made when asked for, from the halls above.
        self._atlas: Atlas | None = None
        self._provinces: Mapping[str, frozenset[str]] | None = None
        self._listed_at: float | None = None
        self._listing = asyncio.Lock()
        self._latest = Shared(self._read_latest)

    async def get(self, hall_id: str) -> Hall:
        """Raises HallNotFoundError."""
        return self._halls.get(hall_id) or await self.refresh(hall_id)

    def known(self, hall_id: str) -> Hall:
        """A hall that `get` has given before, as it is known now. Raises KeyError."""
        return self._halls[hall_id]

    async def refresh(self, hall_id: str) -> Hall:
        """The hall as SQL has it now. Raises HallNotFoundError."""
        if hall_id in self._halls:
            (hall,) = await self._latest.get((hall_id,))
            return hall
        return await self.reread(hall_id)

    async def reread(self, hall_id: str) -> Hall:
        """As `refresh`, within the caller's transaction.

        A reading that is shared may be somebody's who waits, on SQLite, until this very transaction has ended.
        Raises HallNotFoundError.
        """
        return self.keep(_hall_of(await _record(hall_id)))

    def keep(self, hall: Hall) -> Hall:
        """Remember the hall unless a later revision is known; answers with the latest."""
        known = self._halls.get(hall.id)
        if known is None or known.rev < hall.rev:
            self._halls[hall.id] = hall
            self._hall_of_counter |= {counter.id: hall.id for counter in hall.counters}
            self._atlas = self._provinces = None
        return self._halls[hall.id]

    async def all(self) -> Atlas:
        """Every hall, at most LIST_AGE_S old."""
        async with self._listing:
            if self._listed_at is None or self._seconds() - self._listed_at > LIST_AGE_S:
                await self._read_the_changed(dict(await HallRecord.all().values_list("id", "rev")))
                self._listed_at = self._seconds()
        if self._atlas is None:
            self._atlas = Atlas(self._halls.values())
        return self._atlas

    async def in_province(self, province: str) -> frozenset[str]:
        """The ids of the halls whose document names this province, at most LIST_AGE_S old."""
        await self.all()
        if self._provinces is None:
            self._provinces = _by_province(self._halls.values())
        return self._provinces.get(province, frozenset())

    async def hall_of_counter(self, counter_id: str) -> Hall:
        """The hall that the counter stands in. Raises CounterNotFoundError."""
        known = self._halls.get(self._hall_of_counter.get(counter_id, ""))
        if known and known.counter(counter_id):
            return known
        record = await CounterRecord.get_or_none(id=counter_id)
        if record is None:
            raise CounterNotFoundError
        return await self.refresh(record.hall_id)

    async def counter(self, counter_id: str) -> tuple[Hall, Counter]:
        """The counter and its hall. Raises CounterNotFoundError."""
        hall = await self.hall_of_counter(counter_id)
        counter = hall.counter(counter_id)
        if counter is None:  # It was moved or taken away since.
            raise CounterNotFoundError
        return hall, counter

    async def _read_latest(self, hall_ids: Collection[str]) -> Mapping[str, Hall]:
        # Tortoise takes 0.3 ms to say this.
        asked = {f"hall{n}": hall_id for n, hall_id in enumerate(hall_ids)}
        places = ", ".join(f"{{{name}}}" for name in asked)
        statement, values = marks(connection(), f"SELECT id, rev FROM halls WHERE id IN ({places})", asked)  # noqa: S608 - marks
        rows = await connection().execute_query_dict(statement, values)
        await self._read_the_changed({row["id"]: row["rev"] for row in rows})
        return self._halls

    async def _read_the_changed(self, revs: Mapping[str, int]) -> None:
        changed = [one for one, rev in revs.items() if one not in self._halls or self._halls[one].rev != rev]
        unseen = [one for one in changed if self._unreadable.get(one) != revs[one]]
        for record in await HallRecord.filter(id__in=unseen) if unseen else ():
            try:
                self.keep(_hall_of(record))
            except HallUnreadableError:  # It stays as it was, or is left out: the others go on.
                self._unreadable[record.id] = record.rev


async def put_hall(
    directory: Directory, hall_id: str, given: HallInput, *, now: datetime, actor: str
) -> tuple[Hall, bool]:
    """Make the hall, or change it whole; as `write_hall`."""
    return await write_hall(directory, hall_id, lambda _before, _rev: given, now=now, actor=actor)


async def hall_document(hall_id: str) -> HallInput:
    """The document as it was put. Raises HallNotFoundError."""
    return _described(await _record(hall_id))


async def changed_at(hall_id: str) -> int:
    """When (ms) the document was last changed. Raises HallNotFoundError."""
    moment: int = (await _record(hall_id)).changed_at
    return moment


async def write_hall(directory: Directory, hall_id: str, edit: Edit, *, now: datetime, actor: str) -> tuple[Hall, bool]:
    """Bring the hall's document to what `edit` makes of it, in `actor`'s name; says too whether it is new.

    The revision rises unless the hall was just so. Nobody else's change comes between reading and writing. Raises
    InvalidError, CounterTakenError, PlaceTakenError, HallChangedError and what `edit` raises; then nothing is written.
    """
    try:
        record, created = await transaction(lambda client: _write(client, hall_id, edit, actor, to_ms(now)))
    except IntegrityError as error:
        raise HallChangedError from error
    return directory.keep(_hall_of(record)), created


async def outrun_revisions(client: BaseDBAsyncClient, now: int) -> None:
    """Raise every hall's revision above any that a process may remember of a past that SQL has forgotten (a restore).

    A process keeps the latest revision it has heard of; ten seconds are more than anybody needs to make one.
    """
    latest = now // REVISION_MS
    statement = f"UPDATE halls SET rev = CASE WHEN rev < {latest} THEN {latest} ELSE rev + 1 END"  # noqa: S608 - a number
    await client.execute_query(statement)


async def _write(client: BaseDBAsyncClient, hall_id: str, edit: Edit, actor: str, at: int) -> tuple[HallRecord, bool]:
    record = await _locked(client, hall_id)
    if record is None:
        # Of several who make the hall at the same moment, the later ones wait here, and then find it made.
        await make_fence(client, hall_tag(hall_id))
        await make_fence(client, place_tag(hall_id))
        record = await _locked(client, hall_id)
        if await Warehouse.filter(id=hall_id).using_db(client).exists():
            raise PlaceTakenError(hall_id)
    given = edit(_described(record), record.rev) if record else edit(None, 0)
    _check_form(given)
    assemble(hall_id, given, rev=1)
    created = record is None
    if record is None:
        record = HallRecord(id=hall_id, rev=0, document={}, created_at=at)
    elif _described(record) == given:
        return record, False
    difference = changed({} if created else msgspec.to_builtins(_described(record)), msgspec.to_builtins(given))
    record.rev, record.document, record.changed_at = record.rev + 1, msgspec.to_builtins(given), at
    await record.save(using_db=client, force_create=created)
    await _write_counters(client, hall_id, given)
    name = "hall.made" if created else "hall.edited"
    await note(client, Done(name, actor, at, hall_id), [hall_tag(hall_id)], difference)
    return record, created


async def _record(hall_id: str) -> HallRecord:
    record = await HallRecord.get_or_none(id=hall_id)
    if record is None:
        raise HallNotFoundError
    return record


async def _locked(client: BaseDBAsyncClient, hall_id: str) -> HallRecord | None:
    return await HallRecord.select_for_update(using_db=client).get_or_none(id=hall_id)


async def _write_counters(client: BaseDBAsyncClient, hall_id: str, given: HallInput) -> None:
    ids = [counter.id for counter in given.counters]
    others = CounterRecord.filter(id__in=ids).exclude(hall_id=hall_id).using_db(client)
    taken = {record.id for record in await others}
    for index, counter in enumerate(ids):
        if counter in taken:
            raise CounterTakenError(counter, field=f"counters[{index}].id")
    await CounterRecord.filter(hall_id=hall_id).using_db(client).delete()
    await CounterRecord.bulk_create([CounterRecord(id=id_, hall_id=hall_id) for id_ in ids], using_db=client)


def _by_province(halls: Iterable[Hall]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for hall in halls:
        if hall.province:
            found[hall.province].add(hall.id)
    return {province: frozenset(ids) for province, ids in found.items()}


def _hall_of(record: HallRecord) -> Hall:
    """Raises HallUnreadableError: a later release may have written what this one does not know."""
    try:
        return assemble(record.id, _described(record), rev=record.rev)
    except (msgspec.ValidationError, InvalidError, ZoneInfoNotFoundError) as error:
        log.exception("hall_unreadable", extra={"hall": record.id, "rev": record.rev})
        raise HallUnreadableError from error


def _check_form(given: HallInput) -> None:
    """What was put together of parts is as one that comes whole, or nobody could read it. Raises InvalidError."""
    try:
        msgspec.convert(msgspec.to_builtins(given), HallInput)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


def _described(record: HallRecord) -> HallInput:
    return msgspec.convert(record.document, HallInput)

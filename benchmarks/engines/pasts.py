"""Two services over databases of one kind: one with a year in it, the other without."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.bench import Bench, started
from benchmarks.past import Past, fill, open_hall
from benchmarks.sizes import Sizes
from o2o.kernel.migrating import migrate
from tests.postgres import PostgresServer

OVERDUE: Final = 6
# Nobody leaves the 128 MB of memory as they are; and few checkpoints while millions of rows are made.
SETTINGS: Final = ("shared_buffers=1GB", "max_wal_size=8GB")
FILLER: Final = 470
"""So many bytes longer is what a change leaves in an event than what is made up here."""
UNMOVED: Final = {"O2O_ARCHIVE_DAYS": "0"}


@dataclass(frozen=True, slots=True)
class Pair:
    """`url` is of the database with the year, of which OVERDUE days wait to be moved; neither service moves any."""

    full: Bench
    empty: Bench
    url: str
    past: Past

    @property
    def both(self) -> tuple[Bench, Bench]:
        return self.full, self.empty


@asynccontextmanager
async def postgres(sizes: Sizes) -> AsyncIterator[Pair]:
    past, server = Past(sizes.past, OVERDUE), PostgresServer(durable=True, settings=SETTINGS)
    try:
        server.start()
        full, empty = (server.url(server.create()) for _ in range(2))
        await fill(full, past)
        async with _services(full, empty, past, sizes) as pair:
            yield pair
    finally:
        server.close()


@asynccontextmanager
async def sqlite(sizes: Sizes) -> AsyncIterator[Pair]:
    """Events as long as the service's own, so that the file is as large as it would be."""
    past = Past(sizes.past, OVERDUE, filler=FILLER)
    with TemporaryDirectory(prefix="o2o-year-") as folder:
        full, empty = (f"sqlite://{folder}/{name}.db" for name in ("full", "empty"))
        await fill_file(full, past)
        async with _services(full, empty, past, sizes) as pair:
            yield pair


@asynccontextmanager
async def _services(full: str, empty: str, past: Past, sizes: Sizes) -> AsyncIterator[Pair]:
    async with started(full, UNMOVED) as one, started(empty, UNMOVED) as other:
        for bench in (one, other):
            await open_hall(bench, sizes.counters)
        yield Pair(one, other, full, past)


async def fill_file(url: str, past: Past) -> None:
    """Make the tables, and what is gone by; nobody reads meanwhile, and a half-made file is thrown away."""
    await migrate(url)
    with _hurried(Path(url.removeprefix("sqlite://"))) as client:
        client.execute("CREATE TEMP TABLE days (age int PRIMARY KEY, day text, at bigint)")
        client.executemany("INSERT INTO days VALUES (?, ?, ?)", past.days())
        for statement in past.statements():
            client.execute(statement)
        client.execute("ANALYZE")


@contextmanager
def _hurried(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None)) as client:
        client.create_function("md5", 1, _digest, deterministic=True)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000"):
            client.execute(f"PRAGMA {pragma}")
        yield client


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()

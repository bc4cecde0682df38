"""What a database or a backup holds, as far as a restore has to know."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple

from o2o.kernel.clock import from_ms

QUERIES: Final = {
    "halls": "SELECT id FROM halls ORDER BY id",
    "tickets": "SELECT count(*) FROM tickets",
    "events": "SELECT count(*), max(at) FROM events",
    "epoch": "SELECT max(epoch) FROM fences",
    "migrations": "SELECT app, name FROM tortoise_migrations",
    "numbers": "SELECT hall, day, prefix, max(serial) FROM tickets GROUP BY hall, day, prefix",
}
ARCHIVES: Final = {"tickets": "booking.0004_create_archive", "events": "kernel.0004_create_archive"}
"""Tables whose old rows are in an archive, and since which migration."""
FLOORS: Final = "SELECT hall, day, prefix, serial FROM number_floors"
NOTED: Final = "SELECT at, release, keys FROM backups ORDER BY id DESC LIMIT 1"
LOOK_BACK: Final = timedelta(days=2)  # Wherever a hall is, the business day that is on has begun since.

Rows = Sequence[Sequence[Any]]


class Of(NamedTuple):
    """Whose number: a hall, a business day (2026-11-22), a prefix."""

    hall: str
    day: str
    prefix: str


Numbers = Mapping[Of, int]
"""The last serial of each."""


class Note(NamedTuple):
    """What a backup says of itself: its moment (ms since 1970), the release, fingerprints of the secret keys."""

    at: int
    release: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """`note` is None in a database that was not copied by `o2o backup`."""

    note: Note | None
    halls: tuple[str, ...]
    tickets: int
    events: int
    last_change: int | None
    epoch: int
    migrations: frozenset[str]
    numbers: Numbers

    def numbers_since(self, now: int) -> dict[Of, int]:
        """Of the business days that may still be on."""
        earliest = (from_ms(now) - LOOK_BACK).date().isoformat()
        return {of: serial for of, serial in self.numbers.items() if of.day >= earliest}


async def read_contents(ask: Callable[[str], Awaitable[Rows]]) -> Contents:
    """What a database holds; `ask` gives the rows of a query. Raises what `ask` raises."""
    found = {name: await ask(query) for name, query in QUERIES.items()}
    migrations = _names(found["migrations"])
    noted = await ask(NOTED) if "kernel.0003_create_backups" in migrations else ()
    floors = await ask(FLOORS) if "booking.0002_create_number_floors" in migrations else ()
    archived = {
        table: (await ask(f"SELECT count(*) FROM archived_{table}"))[0][0] if since in migrations else 0  # noqa: S608
        for table, since in ARCHIVES.items()
    }
    return Contents(
        note=Note(noted[0][0], noted[0][1], tuple(noted[0][2].split(","))) if noted else None,
        halls=tuple(row[0] for row in found["halls"]),
        tickets=found["tickets"][0][0] + archived["tickets"],
        events=found["events"][0][0] + archived["events"],
        last_change=found["events"][0][1],
        epoch=found["epoch"][0][0] or 0,
        migrations=migrations,
        numbers=highest((Of(*row[:3]), row[3]) for row in (*found["numbers"], *floors)),
    )


def highest(numbers: Iterable[tuple[Of, int]]) -> dict[Of, int]:
    """The last of each; what an earlier restore keeps back counts like a number that was given."""
    last: dict[Of, int] = {}
    for of, serial in numbers:
        last[of] = max(serial, last.get(of, 0))
    return last


def _names(rows: Rows) -> frozenset[str]:
    return frozenset(f"{app}.{name}" for app, name in rows)

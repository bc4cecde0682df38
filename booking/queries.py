"""Reads of the line from SQL: only what is committed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q
from tortoise.functions import Max

from booking.manage.today import Visit
from booking.models import ArchivedTicket, Contact, CounterRecord, NumberFloor, PauseRecord, ShareRecord, TicketRecord
from booking.schemas import CounterRow, PauseRow, TicketRow
from booking.states import LIVE, TicketState
from o2o.kernel.database import connection
from o2o.kernel.models import Event
from o2o.kernel.statements import marks

OPERATIONS_MS: Final = 86_400_000  # A 2xx answer is given again for 24 h.
LAST_CALLS: Final = 20
CHUNK: Final = 500  # A statement takes so many values from everybody.
PARTS: Final = 100  # SQLite joins 500 selects, and who asks for more than this has time.

Calls = tuple[str, str, tuple[str, ...]]
"""Of whom calls are asked for: a hall, its day, services whose people stand in one line."""


@dataclass(frozen=True, slots=True)
class HallSnapshot:
    """What a rebuild loads into Redis: rows as dictionaries without empty members, newest version and serials."""

    day: str
    version: int
    tickets: list[dict[str, Any]]
    counters: list[dict[str, Any]]
    shares: list[dict[str, Any]]
    pause: dict[str, Any] | None
    operations: list[tuple[str, int]]
    serials: dict[str, int]
    calls: list[dict[str, Any]]


async def ticket_row(ticket: str) -> TicketRow | None:
    """The ticket, of whatever day: moving to the archive it is in both for nobody, and never in neither."""
    row = await TicketRecord.get_or_none(id=ticket).values(*_TICKET_FIELDS)
    row = row or await ArchivedTicket.get_or_none(id=ticket).values(*_TICKET_FIELDS)
    return msgspec.convert(_ticket(row), TicketRow) if row else None


async def ticket_rows(tickets: Collection[str]) -> dict[str, TicketRow | None]:
    """These tickets, in one reading for all that are not in the archive."""
    rows = await TicketRecord.filter(id__in=tickets).values(*_TICKET_FIELDS)
    found = {row["id"]: msgspec.convert(_ticket(row), TicketRow) for row in rows}
    return {ticket: found.get(ticket) or await ticket_row(ticket) for ticket in tickets}


async def states_of(tickets: Collection[str]) -> dict[str, TicketState]:
    """Where each of these tickets of the last weeks stands."""
    ids, found = list(tickets), dict[str, TicketState]()
    for first in range(0, len(ids), CHUNK):
        rows = TicketRecord.filter(id__in=ids[first : first + CHUNK]).values_list("id", "state")
        found |= {str(ticket): TicketState(str(state)) for ticket, state in await rows}
    return found


async def ended_with_holds(states: Collection[TicketState], since: int) -> dict[str, TicketState]:
    """Tickets that carry a hold and came to one of these ends since then (ms). By an index of just those."""
    ends = ", ".join(f"'{state}'" for state in states)  # Tortoise says NOT hold IS NULL, for which no index is partial.
    statement = f"SELECT id, state FROM tickets WHERE hold IS NOT NULL AND ended_at >= {{since}} AND state IN ({ends})"  # noqa: S608 - states
    rows = await connection().execute_query_dict(*marks(connection(), statement, {"since": since}))
    return {row["id"]: TicketState(row["state"]) for row in rows}


async def counter_row(counter: str) -> CounterRow | None:
    row = await CounterRecord.get_or_none(id=counter).values()
    return msgspec.convert(row, CounterRow) if row else None


async def counter_rows(hall: str) -> list[CounterRow]:
    """The hall's counters that were ever opened."""
    return msgspec.convert(await CounterRecord.filter(hall=hall).values(), list[CounterRow])


async def counter_of(hall: str, clerk: str) -> str | None:
    """The counter of the hall that the clerk has open."""
    row = await CounterRecord.filter(hall=hall, open=True, clerk=clerk).order_by("-since").first().values("id")
    return row["id"] if row else None


async def clerks_at(halls: Collection[str]) -> dict[str, str]:
    """Who has each open counter of these halls."""
    rows = await CounterRecord.filter(hall__in=halls, open=True).values("id", "clerk")
    return {row["id"]: row["clerk"] or "" for row in rows}


async def opened_at(hall: str, counter: str, *, after: int) -> int | None:
    """When whoever has the counter took it, ms since 1970; None when that was not `after`."""
    opened = Event.filter(tag=f"hall:{hall}", at__gt=after, name="counter.opened", counter=counter)
    row = await opened.order_by("-at").first().values("at")
    return row["at"] if row else None


async def pause_row(hall: str) -> PauseRow | None:
    """What the hall has stopped; None when nothing is."""
    row = await PauseRecord.filter(Q(issuing=True) | Q(calling=True), id=hall).first().values()
    return msgspec.convert(row, PauseRow) if row else None


async def served_by(hall: str, counter: str, day: str, version: int) -> int:
    """How many tickets of the day the counter had served when the hall was at `version`."""
    of_the_day = TicketRecord.filter(hall=hall, day=day, called_at__isnull=False)
    return await of_the_day.filter(counter=counter, state="completed", version__lte=version).count()


async def visits_of(hall: str, day: str) -> list[Visit]:
    """Everybody who came on the day."""
    times = ("created_at", "called_at", "started_at", "ended_at", "state")
    rows = await TicketRecord.filter(hall=hall, day=day).values_list(*times)
    return [Visit(came, called, started, ended, state == "completed") for came, called, started, ended, state in rows]


async def in_use(hall: str) -> tuple[set[str], set[str]]:
    """The services and classes of the hall's live tickets."""
    live = await TicketRecord.filter(hall=hall, state__in=LIVE).distinct().values("service", "class_")
    return {row["service"] for row in live}, {row["class_"] for row in live}


async def counters_in_use(hall: str) -> set[str]:
    """The counters that are open; one that has a ticket, or that somebody waits for, is open."""
    return {row["id"] for row in await CounterRecord.filter(hall=hall, open=True).values("id")}


async def recent_calls(lines: Sequence[Calls], most: int) -> list[list[int]]:
    """When each line's last calls were made, ms since 1970, newest first."""
    found: list[list[int]] = [[] for _line in lines]
    for start in range(0, len(lines), PARTS):
        parts, values = [], dict[str, Any](most=most)
        for n, (hall, day, services) in enumerate(lines[start : start + PARTS], start):
            names = {f"service{n}_{i}": service for i, service in enumerate(services)}
            values |= {f"hall{n}": hall, f"day{n}": day, **names}
            parts.append(_CALLED.format(n=n, services=", ".join(f"{{{name}}}" for name in names)))
        statement = " UNION ALL ".join(parts)
        for row in await connection().execute_query_dict(*marks(connection(), statement, values)):
            found[row["line"]].append(row["called_at"])
    return [sorted(calls, reverse=True) for calls in found]


async def contact_of(ticket: str) -> str | None:
    """The sealed phone number and name, as JSON once opened."""
    row = await Contact.get_or_none(ticket=ticket).values("sealed")
    return row["sealed"] if row else None


async def tickets_over(tickets: Sequence[str], before: int) -> list[str]:
    """Those that had ended before that moment (ms), wherever they are now."""
    found: list[str] = []
    for table in (TicketRecord, ArchivedTicket):
        ended = table.filter(id__in=list(tickets), ended_at__lt=before)
        found += [str(ticket) for ticket in await ended.values_list("id", flat=True)]
    return found


async def read_snapshot(client: BaseDBAsyncClient, hall: str, day: str, now: int) -> HallSnapshot:
    """Rule 4's later statements: the live rows, and highest number and version over *all* rows.

    The day is `day`, or a later one that SQL has tickets of: a slow clock turns no day back.
    """
    mine = TicketRecord.filter(hall=hall).using_db(client)
    day = max(day, str(await mine.order_by("-day").first().values_list("day", flat=True) or ""))
    kept = await client.execute_query_dict(*marks(client, _KEPT, {"hall": hall, "day": day}))
    # Whoever was called in one batch was called in one moment, in the order of their turns.
    called = mine.filter(day=day, called_at__isnull=False).order_by("-called_at", "-turn").limit(LAST_CALLS)
    counters = await CounterRecord.filter(hall=hall).using_db(client).values()
    shares = await ShareRecord.filter(hall=hall).using_db(client).values()
    pause = await PauseRecord.filter(id=hall).using_db(client).first().values()
    recent = {"tag": f"hall:{hall}", "since": now - OPERATIONS_MS}
    return HallSnapshot(
        day=day,
        version=await highest_version(client, hall),
        tickets=[_present(row) for row in kept],
        counters=[_present(row) for row in counters],
        shares=[_present(row) for row in shares],
        pause=_present(pause) if pause else None,
        operations=[
            (row["op"], row["at"]) for row in await client.execute_query_dict(*marks(client, _ANSWERED, recent))
        ],
        serials=await _serials(client, hall, day),
        calls=[_ticket(row) for row in await called.values(*_TICKET_FIELDS)],
    )


async def highest_version(client: BaseDBAsyncClient, hall: str) -> int:
    """Over all epochs; it is the newest one's, since each goes on from the highest. A MAX would read every event."""
    newest = Event.filter(tag=f"hall:{hall}").using_db(client).order_by("-epoch", "-version")
    row = await newest.first().values("version")
    return row["version"] if row else 0


async def _serials(client: BaseDBAsyncClient, hall: str, day: str) -> dict[str, int]:
    """The last number of each prefix: of a ticket, or up to which a restore keeps numbers from being given."""
    floors = NumberFloor.filter(hall=hall, day=day).using_db(client).values_list("prefix", "serial")
    rows = TicketRecord.filter(hall=hall, day=day).using_db(client).group_by("prefix")
    given = dict(await rows.annotate(last=Max("serial")).values_list("prefix", "last"))
    return given | {prefix: max(serial, given.get(prefix, 0)) for prefix, serial in await floors}


_TICKET_FIELDS: Final = tuple(TicketRecord._meta.fields_map)
_COLUMNS: Final = ", ".join(f'"{column}"' for column in TicketRecord._meta.fields_db_projection.values())
_STATES: Final = ", ".join(f"'{state}'" for state in sorted(LIVE))
# As SQL gives them, without the ORM: there may be a hundred thousand.
_KEPT: Final = f"""
    SELECT {_COLUMNS} FROM tickets
    WHERE hall = {{hall}} AND state IN ({_STATES}, 'no_show') AND (state <> 'no_show' OR day = {{day}})
"""  # noqa: S608 - made of constants
# Without the ORM, which takes longer to write it than SQL to answer: a process asks it of each line every ten seconds.
_CALLED: Final = """
    SELECT {n} AS line, called_at FROM (
        SELECT called_at FROM tickets
        WHERE hall = {{hall{n}}} AND day = {{day{n}}} AND called_at IS NOT NULL AND service IN ({services})
        ORDER BY called_at DESC LIMIT {{most}}
    ) AS last_calls
"""
_ANSWERED: Final = "SELECT op, at FROM events WHERE tag = {tag} AND at > {since}"


def _ticket(row: dict[str, Any]) -> dict[str, Any]:
    row["class"] = row.pop("class_")
    return _present(row)


def _present(row: dict[str, Any]) -> dict[str, Any]:
    """Without the empty members: Lua's JSON has no plain null."""
    return {name: value for name, value in row.items() if value is not None}

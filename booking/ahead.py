"""How many would be called before a ticket, from SQL: what is committed, for reads that have no picture at hand."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from booking.models import CounterRecord, ShareRecord
from booking.order import Fairness, Kind, callers, people_before
from booking.profiles import Profile, profile_of, serving
from booking.schemas import TicketRow
from booking.states import TicketState
from halls.hall import Hall
from o2o.kernel.database import connection
from o2o.kernel.statements import marks

COUNTS: Final = """
    SELECT service, bound, class = {standard} AS standard, COUNT(*) AS waiting,
           SUM(CASE WHEN turn <= {overdue} THEN 1 ELSE 0 END) AS overdue,
           SUM(CASE WHEN turn < {turn} OR (turn = {turn} AND id < {id}) THEN 1 ELSE 0 END) AS before
    FROM tickets WHERE hall = {hall} AND state = 'waiting' AND day = {day}
    GROUP BY 1, 2, 3
"""


async def people_ahead(hall: Hall, row: TicketRow, now: int) -> int | None:
    """As `order.Order` says it of a picture; None for one that does not wait. `now` in ms since 1970."""
    if row.state is not TicketState.WAITING:
        return None
    fairness = Fairness.of(hall.rules, row.day, now)
    counts = await _counts(row, fairness)
    profiles = await _callers(hall, row)
    if not profiles:
        return sum(int(count["before"]) for count in counts if count["service"] == row.service and not count["bound"])
    shares = await _shares(hall.id, profiles) if any(not count["standard"] for count in counts) else {}
    return min(_before(row, profile, counts, fairness, shares.get(profile.id, 0)) for profile in profiles)


def _before(
    row: TicketRow, profile: Profile, counts: Iterable[Mapping[str, Any]], fairness: Fairness, calls: int
) -> int:
    kinds = {True: Kind(), False: Kind()}
    for count in counts:
        counted = count["bound"] == row.bound if count["bound"] else count["service"] in profile.services
        if counted:
            kind = kinds[bool(count["standard"])]
            kind.waiting += count["waiting"]
            kind.overdue += count["overdue"]
            kind.before += count["before"]
    standard = row.class_ == fairness.standard
    rule = (fairness.priority_calls, calls)
    late = row.turn <= fairness.overdue
    return people_before(kinds[standard], kinds[not standard], standard=standard, late=late, rule=rule)


async def _callers(hall: Hall, row: TicketRow) -> list[Profile]:
    if row.bound:
        profile = profile_of(hall, row.bound)
        return [profile] if profile else []
    if len(serving(hall, row.service)) < 2:  # noqa: PLR2004 - of one profile nobody has to ask whether it is open
        return serving(hall, row.service)
    open_ = await CounterRecord.filter(hall=hall.id, open=True).values_list("id", flat=True)
    return callers(hall, row.service, {str(counter) for counter in open_})


async def _counts(row: TicketRow, fairness: Fairness) -> list[dict[str, Any]]:
    values = {
        "standard": fairness.standard, "overdue": fairness.overdue, "turn": row.turn, "id": row.id,
        "hall": row.hall, "day": row.day,
    }  # fmt: skip
    statement, arguments = marks(connection(), COUNTS, values)
    return await connection().execute_query_dict(statement, arguments)


async def _shares(hall: str, profiles: Iterable[Profile]) -> dict[str, int]:
    rows = ShareRecord.filter(id__in=[f"{hall}/{profile.id}" for profile in profiles])
    return {row["profile"]: row["calls"] for row in await rows.values("profile", "calls")}

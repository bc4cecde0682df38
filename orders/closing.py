"""A hall's till on one business day: what each counter took and gave, by method."""

from datetime import date, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from halls.hall import Hall
from halls.hours import instant
from o2o.kernel.clock import to_ms
from o2o.kernel.database import connection, is_postgres
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import query, reply
from o2o.kernel.i18n import _
from o2o.kernel.openapi import documented
from orders.money import money
from orders.order_schemas import Closing, TillSum
from orders.state import OrdersRequest
from staff.service import require
from staff.states import Role

YEARS: Final = range(2000, 3000)
"""Further away there is no day before or after."""


class ClosingQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The business day, as the hall's calendar has it: `2026-11-26`. Without one: today."""

    date: Annotated[str, Meta(max_length=10)] | None = None


@documented(resp={200: Closing, 403: None, 404: None}, query=ClosingQuery)
async def show_closing(request: OrdersRequest) -> Response:
    """What the hall's counters took and gave back on one day, by method: for its staff, to count the till by."""
    hall = await request.state["directory"].get(str(request.path_params["hall"]))
    await require(request, Role.CLERK, hall.id)
    wish = query(request, ClosingQuery)
    return reply(await closing_of(hall, day_of(hall, wish.date, request)))


def day_of(hall: Hall, asked: str | None, request: OrdersRequest) -> date:
    """Raises InvalidError."""
    try:
        day = date.fromisoformat(asked) if asked else hall.business_day(request.state["clock"]())
    except ValueError as error:
        raise _no_day() from error
    if day.year not in YEARS:
        raise _no_day()
    return day


async def closing_of(hall: Hall, day: date) -> Closing:
    """By counter and method; money that no counter was said of is its own row."""
    zone = ZoneInfo(hall.time_zone)
    begin, end = (to_ms(instant(one, hall.day_starts, zone)) for one in (day, day + timedelta(days=1)))
    marks = ("$1", "$2", "$3") if is_postgres(connection()) else ("?", "?", "?")
    rows = await connection().execute_query_dict(
        "SELECT counter, method, SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS received, "  # noqa: S608 - marks
        "SUM(CASE WHEN amount < 0 THEN -amount ELSE 0 END) AS refunded FROM money_events "
        f"WHERE hall = {marks[0]} AND at >= {marks[1]} AND at < {marks[2]} GROUP BY counter, method",
        [hall.id, begin, end],
    )
    rows.sort(key=lambda row: (row["counter"] or "~", row["method"]))
    balance = sum(int(row["received"]) - int(row["refunded"]) for row in rows)
    return Closing(hall.id, day.isoformat(), [_sum(row) for row in rows], money(balance))


def _no_day() -> InvalidError:
    return InvalidError(_("A day is written like 2026-11-26."), field="date")


def _sum(row: dict[str, object]) -> TillSum:
    received, refunded = int(str(row["received"])), int(str(row["refunded"]))
    counter = None if row["counter"] is None else str(row["counter"])
    return TillSum(counter, str(row["method"]), money(received), money(refunded), money(received - refunded))


routes: list[BaseRoute] = [Route("/api/v1/halls/{hall}/closing", show_closing, methods=["GET"])]

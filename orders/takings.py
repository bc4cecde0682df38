"""A hall's takings of one day, for whoever counts the tills: by counter and method, and all in all."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.http import query
from o2o.kernel.i18n import _
from orders.clerk.till import METHODS
from orders.closing import ClosingQuery, closing_of, day_of
from orders.money import fen_of, price
from orders.order_schemas import TillSum
from orders.state import OrdersRequest
from staff.manage import Frame, frame, signed_in

TAB = "takings"


@signed_in
async def show_takings(request: OrdersRequest) -> Response:
    here = await frame(request, TAB)
    today = here.hall.business_day(request.state["clock"]())
    day = day_of(here.hall, query(request, ClosingQuery).date, request)
    closing = await closing_of(here.hall, day)
    context = {
        "day": day.isoformat(),
        "before": _neighbour(here, day - timedelta(days=1)),
        "after": _neighbour(here, day + timedelta(days=1)) if day < today else "",
        "tills": list(_tills(here, closing.sums)),
        "balance": price(fen_of(closing.balance)),
    }
    return here.page("orders/takings.html", context)


def _neighbour(here: Frame, day: date) -> str:
    return f"{here.address}?date={day.isoformat()}"


def _tills(here: Frame, sums: list[TillSum]) -> Iterator[dict[str, Any]]:
    """By counter, as `closing_of` has them."""
    texts = here.texts
    for counter, its in groupby(sums, lambda one: one.counter):
        rows = [
            {
                "method": texts(METHODS.get(one.method, one.method)),
                "received": price(fen_of(one.received)),
                "refunded": price(fen_of(one.refunded)),
                "balance": price(fen_of(one.balance)),
            }
            for one in its
        ]
        yield {"counter": _where(here, counter), "rows": rows}


def _where(here: Frame, id_: str | None) -> str:
    """A counter that was taken away keeps its id."""
    if id_ is None:
        return here.texts(_("At the door"))
    counter = here.hall.counter(id_)
    return here.texts(_("Counter %(counter)s"), counter=counter.name) if counter else id_


routes: list[BaseRoute] = [Route("/manage/{hall}/takings", show_takings, methods=["GET"])]

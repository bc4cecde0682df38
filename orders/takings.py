"""A hall's takings of one day, for whoever counts the tills: by counter and method, and all in all."""

from collections.abc import Iterator
from datetime import date, timedelta
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
        "sums": list(_rows(here, closing.sums)),
        "balance": price(fen_of(closing.balance)),
    }
    return here.page("orders/takings.html", context)


def _neighbour(here: Frame, day: date) -> str:
    return f"{here.address}?date={day.isoformat()}"


def _rows(here: Frame, sums: list[TillSum]) -> Iterator[dict[str, Any]]:
    texts = here.texts
    for one in sums:
        yield {
            "counter": _where(here, one),
            "method": texts(METHODS.get(one.method, one.method)),
            "received": price(fen_of(one.received)),
            "refunded": price(fen_of(one.refunded)),
            "balance": price(fen_of(one.balance)),
        }


def _where(here: Frame, one: TillSum) -> str:
    """A counter that was taken away keeps its id."""
    if one.counter is None:
        return here.texts(_("At the door"))
    counter = here.hall.counter(one.counter)
    return here.texts(_("Counter %(counter)s"), counter=counter.name) if counter else one.counter


routes: list[BaseRoute] = [Route("/manage/{hall}/takings", show_takings, methods=["GET"])]

"""When what is sent comes: in the window that the customer chose, if its place offers it, or else in the earliest."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from halls.hall import Hall
from o2o.kernel.clock import rfc3339
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from orders.delivery.quoting import offered
from orders.delivery.windows import Window
from orders.order_errors import WindowNotOfferedError
from orders.order_schemas import WishedWindow
from orders.schemas import Product
from orders.sourcing import allot
from orders.state import OrdersState

Promise = Mapping[str, Window]
"""The window in which each place's lines come. A place that does not open for long promises none."""


async def windows_for(
    state: OrdersState, hall: Hall, wanted: Sequence[tuple[Product, int]], province: str
) -> tuple[Window, ...]:
    """The windows to choose from, soonest first, for so many of each product, sent now to a province by its id."""
    given = []
    for product, quantity in wanted:
        sources = await state["sourcing"].sources(product, hall, province=province)
        given += allot([one for one in sources if one.fulfilment == "delivery"], quantity, split=True)
    places = {one.source.place.id: one.source.place for one in given}
    return _common([await offered(state["directory"], one, province, state["clock"]()) for one in places.values()])


async def promise(
    state: OrdersState, wished: WishedWindow | None, places: Sequence[str], province: str, now: datetime
) -> Promise:
    """What the places that send something of an order promise. Raises WindowNotOfferedError."""
    known = state["sourcing"].places
    found = {one: await offered(state["directory"], await known.get(one), province, now) for one in sorted(set(places))}
    if wished is None:
        return {place: windows[0] for place, windows in found.items() if windows}
    window, common = Window(wished.start, wished.end), _common(list(found.values()))
    if places and window not in common:
        raise WindowNotOfferedError([{"start": rfc3339(one.start), "end": rfc3339(one.end)} for one in common])
    return dict.fromkeys(found, window)


def check_wish(wished: WishedWindow | None, fulfilment: str) -> None:
    """Raises InvalidError."""
    if wished is not None and fulfilment == "pickup":
        raise InvalidError(_("Only what is delivered comes at a time that one chooses."), field="window")


def _common(offers: Sequence[Sequence[Window]]) -> tuple[Window, ...]:
    """What every place offers: all that is sent comes at once."""
    return tuple(one for one in offers[0] if all(one in offer for offer in offers)) if offers else ()

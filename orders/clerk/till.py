"""What is in a counter's till today, as the page says it at the end of a day."""

from typing import Any, Final

from booking.clerk.desk import Desk
from o2o.kernel.i18n import Translator, _
from orders.closing import closing_of
from orders.money import fen_of, price
from orders.state import OrdersRequest

METHODS: Final = {"cash": _("Cash"), "card": _("Card")}


async def till(request: OrdersRequest, desk: Desk, texts: Translator) -> list[dict[str, Any]]:
    """By method: what this counter took, gave back, and has more than in the morning."""
    closing = await closing_of(desk.hall, desk.hall.business_day(request.state["clock"]()))
    return [
        {
            "method": texts(METHODS[one.method]) if one.method in METHODS else one.method,
            "received": price(fen_of(one.received)),
            "refunded": price(fen_of(one.refunded)) if fen_of(one.refunded) else "",
            "balance": price(fen_of(one.balance)),
        }
        for one in closing.sums
        if one.counter == desk.counter.id
    ]

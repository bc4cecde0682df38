"""What the line adds to the application's state."""

from typing import Any, Final

from starlette.requests import Request

from booking.current import Current
from booking.goods import NamesOf
from booking.service.arrivals import Arrivals
from booking.service.calling import Calling
from booking.service.line import Line
from booking.service.moving import Moving
from halls.stock.places import Places
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.http import operation
from o2o.kernel.i18n import _
from o2o.kernel.limits import Limit
from qr.scans import Scans
from staff.browsers import address_of
from staff.state import StaffState

NUMBERS_PER_ADDRESS: Final = Limit(
    300,
    60,
    _("From this connection %(limit)s numbers were taken within a minute. Try again in %(retry_after)s seconds."),
)
"""A hall's Wi-Fi and a carrier's gateway are one address for many people; a bot would want more than that."""


class BookingState(StaffState):
    line: Line
    current: Current
    arrivals: Arrivals
    calling: Calling
    moving: Moving
    places: Places
    stock: Stockroom
    scans: Scans
    names_of_goods: NamesOf


BookingRequest = Request[BookingState]


def attempt(request: Request[Any], principal: str, body: bytes, *, key: str | None = None) -> Attempt:
    """This request as one attempt at a write. Raises IdempotencyKeyRequiredError, InvalidError."""
    return Attempt(operation(request, principal, body, key), principal, to_ms(request.state["clock"]()))


async def limit_numbers(request: Request[Any]) -> None:
    """Keep one address from hoarding numbers. Raises TooManyError."""
    await request.state["limits"].check(f"numbers:{address_of(request)}", *NUMBERS_PER_ADDRESS)

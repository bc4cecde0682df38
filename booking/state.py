"""What the line adds to the application's state."""

from starlette.requests import Request

from booking.service.arrivals import Arrivals
from booking.service.calling import Calling
from booking.service.line import Attempt, Line
from halls.service import Directory
from o2o.kernel.clock import to_ms
from o2o.kernel.http import operation
from o2o.kernel.state import KernelState


class BookingState(KernelState):
    directory: Directory
    line: Line
    arrivals: Arrivals
    calling: Calling


BookingRequest = Request[BookingState]


def attempt(request: BookingRequest, principal: str, body: bytes, *, key: str | None = None) -> Attempt:
    """This request as one attempt at a write. Raises IdempotencyKeyRequiredError, InvalidError."""
    return Attempt(operation(request, principal, body, key), principal, to_ms(request.state["clock"]()))

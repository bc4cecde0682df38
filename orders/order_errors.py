"""What orders refuse with, beside what products do."""

from typing import Any, Final

from booking.errors import WrongStateError
from halls.stock.errors import OutOfStockError
from o2o.kernel.errors import ConflictError, NotFoundError
from o2o.kernel.i18n import _
from orders.states import LineState, OrderState


class OrderNotFoundError(NotFoundError):
    """The same for a wrong token and an unknown id."""

    code = "order_not_found"

    def __init__(self) -> None:
        super().__init__(
            _("There is no such order, or it is not yours. To open it on another phone, send its link from its page.")
        )


class LimitPerPersonError(ConflictError):
    """`sku`, `limit`, and `left`: how many this phone number may still order."""

    code = "limit_per_person"

    def __init__(self, sku: str, name: str, limit: int, left: int) -> None:
        message = (
            _("One person may have %(limit)s of “%(name)s”. You can still order %(left)s.")
            if left
            else _("One person may have %(limit)s of “%(name)s”. You have ordered as many already.")
        )
        super().__init__(message, sku=sku, name=name, limit=limit, left=left)


class PriceChangedError(ConflictError):
    """`total` is what it costs now."""

    code = "price_changed"

    def __init__(self, total: dict[str, str]) -> None:
        super().__init__(_("The total is ¥%(amount)s now. Look at it once more, then order."), total=total, **total)


class WithdrawnError(OutOfStockError):
    """The order has nothing any more of what was held for it, and is cancelled: nobody was answered before."""


class WindowNotOfferedError(ConflictError):
    """`offered` are the windows in which it can come."""

    code = "window_not_offered"

    def __init__(self, offered: list[dict[str, str]]) -> None:
        super().__init__(
            _("It can't come then. Choose one of the times that are offered."), offered=offered, field="window"
        )


class SerialPackedError(ConflictError):
    """`serial` leaves with another order."""

    code = "serial_packed"

    def __init__(self, serial: str) -> None:
        message = _("The piece with serial number %(serial)s was put into another order.")
        super().__init__(message, serial=serial, field="serials")


class PickupCodeError(ConflictError):
    """It is no pick-up code of this order in this hall."""

    code = "wrong_pickup_code"

    def __init__(self) -> None:
        super().__init__(_("Nothing is kept here under this code. Ask the customer to show it again."))


class RefundTooLargeError(ConflictError):
    """`line` has only `left` units that were paid and not refunded."""

    code = "refund_too_large"

    def __init__(self, line: int, left: int, *, field: str) -> None:
        message = _("Of line %(line)s only %(left)s can still be refunded.")
        super().__init__(message, line=line, left=left, field=field)


class NothingToDoError(ConflictError):
    """The order has nothing that this would change."""

    code = "nothing_to_do"


def out_of_stock(sku: str, name: str, possible: list[dict[str, Any]]) -> OutOfStockError:
    """`possible` says what can be had instead, and from where."""
    message = _("There is not enough of “%(name)s” where you want it.")
    return OutOfStockError(message, sku=sku, name=name, possible=possible)


def wrong_line_state(state: LineState) -> WrongStateError:
    return WrongStateError(LINE_IN_STATE[state], state=state.value)


def wrong_order_state(state: OrderState) -> WrongStateError:
    return WrongStateError(ORDER_IN_STATE[state], state=state.value)


LINE_IN_STATE: Final = {
    LineState.ALLOCATED: _("That can't be done yet: it has only been set aside."),
    LineState.READY: _("That can't be done: it lies ready to be collected."),
    LineState.COLLECTED: _("That can't be done: it has been collected."),
    LineState.PICKED: _("That can't be done: it has been taken from the shelf to be sent."),
    LineState.SHIPPED: _("That can't be done: it is on its way."),
    LineState.DELIVERED: _("That can't be done: it has been delivered."),
    LineState.RETURNED: _("That can't be done: it has gone back."),
}
ORDER_IN_STATE: Final = {
    OrderState.PLACED: _("That can't be done yet: the order is not paid."),
    OrderState.PAID: _("That can't be done: the order is paid."),
    OrderState.CLOSED: _("That can't be done: the order is finished."),
    OrderState.CANCELLED: _("That can't be done: the order was cancelled."),
}

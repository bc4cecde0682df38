"""What deliveries refuse with."""

from typing import Final

from booking.errors import WrongStateError
from o2o.kernel.errors import ConflictError
from o2o.kernel.i18n import _
from orders.delivery.states import ShipmentState


class IdentityUncheckedError(ConflictError):
    """There is a SIM card in it, and nobody says that its receiver showed who they are."""

    code = "identity_unchecked"

    def __init__(self) -> None:
        super().__init__(
            _("There is a SIM card in this parcel. Say that whoever took it showed their identity card, and was them.")
        )


def wrong_shipment_state(state: ShipmentState) -> WrongStateError:
    return WrongStateError(IN_STATE[state], state=state.value)


IN_STATE: Final = {
    ShipmentState.SHIPPED: _("That can't be done: the parcel is on its way."),
    ShipmentState.FAILED: _("That can't be done: the parcel could not be delivered."),
    ShipmentState.DELIVERED: _("That can't be done: the parcel has been delivered."),
    ShipmentState.RETURNED: _("That can't be done: the parcel has come back."),
}

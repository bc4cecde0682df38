"""What the staff's stock pages refuse with."""

from o2o.kernel.errors import ConflictError
from o2o.kernel.i18n import _


class CountedElsewhereError(ConflictError):
    """What was there by the books is not what whoever counted had seen; `on_hand` is what it is now."""

    code = "stock_moved"

    def __init__(self, on_hand: int) -> None:
        super().__init__(
            _("Something came or went while you counted: by the books there are %(on_hand)s now. Count once more."),
            on_hand=on_hand,
        )

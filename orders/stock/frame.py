"""The frame of a place's stock pages: who may come in, the tabs."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from typing_extensions import override

from o2o.kernel.i18n import Translator, _
from orders.place_frame import STOCK, Pages, PlaceFrame, framed
from orders.state import OrdersRequest
from orders.stock.rights import allowed, may_keep

HOME: Final = STOCK[0]
REASONS: Final[Mapping[str, str]] = {
    "agrees": _("agrees with the books"),
    "missing": _("missing, nobody knows why"),
    "found": _("found again"),
    "misbooked": _("booked wrongly before"),
    "damaged": _("damaged"),
    "file": _("from a file"),
}
"""Reasons that the pages offer, by the word that a movement keeps."""


class Frame(PlaceFrame):
    """A stock page of one place, for someone who may see it."""

    __slots__ = ()
    pages: ClassVar = Pages(
        home=HOME,
        templates="orders/stock",
        tabs=STOCK[1] | {"/import": _("From a file")},
        tabs_name=_("Stock of the place"),
        done={
            "receive": _("It is in stock."),
            "damage": _("It is taken out."),
            "transfer": _("It is in the other place's stock now."),
            "counted": _("Counted. Here is the next one."),
        },
    )

    @property
    def keeps(self) -> bool:
        return may_keep(self.staff, self.place.id)

    @override
    def tabs(self) -> Mapping[str, str]:
        """Only who keeps the stock brings files."""
        return self.pages.tabs if self.keeps else {tab: self.pages.tabs[tab] for tab in ("", "/count")}

    @override
    def more(self) -> Mapping[str, Any]:
        return {"keeps": self.keeps}


async def frame(request: OrdersRequest, tab: str, *, keep: bool = False) -> Frame:
    """Raises SignInRequiredError, NoRightError, PlaceNotFoundError."""
    who = await allowed(request, keep=keep)
    return await framed(Frame, request, who, tab)


def reason_said(reason: str | None, texts: Translator) -> str:
    """A movement's reason: a word of ours in the reader's language, what people wrote as it is."""
    return texts(REASONS[reason]) if reason and reason in REASONS else reason or ""

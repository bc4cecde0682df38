"""The frame of a place's stock pages: who may come in, the place's name, the tabs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from halls.stock.places import Place
from halls.stock.states import PlaceKind
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import next_key, refused
from o2o.kernel.i18n import Translator, _, translator_for
from o2o.kernel.pages import render
from orders.shown import HOME_ZONE
from orders.state import OrdersRequest
from orders.stock.rights import allowed, may_keep, may_look
from staff.schemas import Staff
from staff.service import csrf_token
from staff.shift import shift_of

HOME: Final = "/stock"
TABS: Final[Mapping[str, str]] = {"": _("Stock"), "/count": _("Count"), "/import": _("From a file")}
DONE: Final = {
    "receive": _("It is in stock."),
    "damage": _("It is taken out."),
    "transfer": _("It is in the other place's stock now."),
    "counted": _("Counted. Here is the next one."),
}
"""What a page says once after its form was carried out."""
REASONS: Final[Mapping[str, str]] = {
    "agrees": _("agrees with the books"),
    "missing": _("missing, nobody knows why"),
    "found": _("found again"),
    "misbooked": _("booked wrongly before"),
    "damaged": _("damaged"),
    "file": _("from a file"),
}
"""Reasons that the pages offer, by the word that a movement keeps."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A stock page of one place, for someone who may see it."""

    request: OrdersRequest
    staff: Staff
    place: Place
    tab: str
    texts: Translator
    zone: ZoneInfo
    many: bool

    @property
    def keeps(self) -> bool:
        return may_keep(self.staff, self.place.id)

    @property
    def home(self) -> str:
        """The address of the place's stock."""
        return f"{HOME}/{self.place.id}"

    def page(
        self, template: str, context: Mapping[str, Any], refusal: DomainError | None = None, *, key: str = ""
    ) -> Response:
        """The page as `template` draws it; with what was refused, and then the `key` of the form that was sent."""
        status = refusal.status if refusal else 200
        whole = self._context() | refused(refusal, self.texts) | {"key": next_key(key, refusal)} | dict(context)
        response = render(self.request, f"orders/stock/{template}", whole, status)
        response.headers["Cache-Control"] = "no-store"
        return response

    def done(self, said: str, address: str) -> Response:
        """What follows a form that was carried out: a page that says so once."""
        return RedirectResponse(f"{address}{'&' if '?' in address else '?'}done={said}", 303)

    def _context(self) -> dict[str, Any]:
        done = DONE.get(self.request.query_params.get("done", ""))
        tabs = TABS if self.keeps else {tab: TABS[tab] for tab in ("", "/count")}
        return {
            "hall": {"id": self.place.id, "name": self.place.names.in_language(self.texts.language)},
            "title": self.texts(TABS[self.tab]),
            "tabs": [(self.texts(text), self.home + tab, tab == self.tab) for tab, text in tabs.items()],
            "tabs_name": self.texts(_("Stock of the place")),
            "home": HOME,
            "home_name": self.texts(_("All my places")),
            "stock": self.home,
            "many": self.many,
            "keeps": self.keeps,
            "staff_name": self.staff.name,
            "csrf": csrf_token(self.staff),
            "shift": shift_of(self.request, self.staff, self.zone.key),
            "done": done and self.texts(done),
        }


async def frame(request: OrdersRequest, tab: str, *, keep: bool = False) -> Frame:
    """Raises SignInRequiredError, NoRightError, PlaceNotFoundError."""
    staff, place = await allowed(request, keep=keep)
    zone = HOME_ZONE
    if place.kind is PlaceKind.HALL:
        zone = ZoneInfo((await request.state["directory"].get(place.id)).time_zone)
    many = len(await places_of(request, staff)) > 1
    return Frame(request, staff, place, tab, translator_for(request), zone, many)


async def places_of(request: OrdersRequest, staff: Staff) -> list[Place]:
    """The places whose stock they may see."""
    return [place for place in await request.state["places"].all() if may_look(staff, place.id)]


def reason_said(reason: str | None, texts: Translator) -> str:
    """A movement's reason: a word of ours in the reader's language, what people wrote as it is."""
    return texts(REASONS[reason]) if reason and reason in REASONS else reason or ""

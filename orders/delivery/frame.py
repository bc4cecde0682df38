"""The frame of a place's pages of what it sends: who may come in, the place's name, the tabs."""

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
from orders.delivery.quoting import WAREHOUSE_HOURS
from orders.order_access import works_at
from orders.state import OrdersRequest
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import csrf_token, require_anyone
from staff.shift import shift_of

HOME: Final = "/picking"
TABS: Final[Mapping[str, str]] = {"": _("To pick and send"), "/shipments": _("On their way")}
DONE: Final = {
    "picked": _("Picked. Put the packing slip in, and say when it has left."),
    "shipped": _("It has left. Its customer is told."),
    "delivered": _("Delivered. Its customer is told."),
    "failed": _("Noted. Its customer is told that it could not be delivered."),
    "back": _("It is back in stock."),
}
"""What a page says once after its form was carried out."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A page of what one place sends, for someone who works there."""

    request: OrdersRequest
    staff: Staff
    place: Place
    tab: str
    texts: Translator
    zone: ZoneInfo
    many: bool

    @property
    def address(self) -> str:
        return f"{HOME}/{self.place.id}{self.tab}"

    def page(
        self, template: str, context: Mapping[str, Any], refusal: DomainError | None = None, *, key: str = ""
    ) -> Response:
        """The page as `template` draws it; with what was refused, and then the `key` of the form that was sent."""
        status = refusal.status if refusal else 200
        whole = self._context() | refused(refusal, self.texts) | {"key": next_key(key, refusal)} | dict(context)
        response = render(self.request, f"orders/delivery/{template}", whole, status)
        response.headers["Cache-Control"] = "no-store"
        return response

    def done(self, said: str, *, at: str = "") -> Response:
        """What follows a form that was carried out: the page again, which says so once."""
        return RedirectResponse(f"{self.address}?done={said}" + (f"#{at}" if at else ""), 303)

    def _context(self) -> dict[str, Any]:
        done = DONE.get(self.request.query_params.get("done", ""))
        base = f"{HOME}/{self.place.id}"
        return {
            "hall": {"id": self.place.id, "name": self.place.names.in_language(self.texts.language)},
            "title": self.texts(TABS[self.tab]),
            "tabs": [(self.texts(text), base + tab, tab == self.tab) for tab, text in TABS.items()],
            "tabs_name": self.texts(_("What the place sends")),
            "home": HOME,
            "home_name": self.texts(_("All my places")),
            "address": self.address,
            "base": base,
            "many": self.many,
            "staff_name": self.staff.name,
            "csrf": csrf_token(self.staff),
            "shift": shift_of(self.request, self.staff, self.zone.key),
            "done": done and self.texts(done),
        }


async def frame(request: OrdersRequest, tab: str = "") -> Frame:
    """Raises SignInRequiredError, NoRightError, PlaceNotFoundError."""
    staff, place_id = await require_anyone(request), str(request.path_params["place"])
    if not works_at(staff, place_id):
        raise NoRightError
    place = await request.state["places"].get(place_id)
    zone = ZoneInfo(WAREHOUSE_HOURS.time_zone)
    if place.kind is PlaceKind.HALL:
        zone = ZoneInfo((await request.state["directory"].get(place.id)).time_zone)
    many = len(await places_of(request, staff)) > 1
    return Frame(request, staff, place, tab, translator_for(request), zone, many)


async def places_of(request: OrdersRequest, staff: Staff) -> list[Place]:
    """The places that they work at."""
    return [place for place in await request.state["places"].all() if works_at(staff, place.id)]

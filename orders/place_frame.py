"""The frame of a place's pages, of its stock or of what it sends: whose place it is, its name, the tabs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from booking.choosing import Asking, choose_hall, halls_of
from booking.state import BookingRequest
from halls.stock.places import Place
from halls.stock.states import PlaceKind
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import next_key, refused
from o2o.kernel.i18n import Translator, _, translator_for
from o2o.kernel.pages import render
from o2o.kernel.words import dated, day_and_time
from orders.order_access import workplaces, works_at
from orders.shown import HOME_ZONE
from orders.state import OrdersRequest
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import require_anyone
from staff.shift import on_shift
from staff.states import EVERYWHERE, Role

F = TypeVar("F", bound="PlaceFrame")
STOCK: Final = ("/stock", {"": _("Stock"), "/count": _("Count")})
SENT: Final = ("/picking", {"": _("To pick and send"), "/shipments": _("On their way")})
"""Where what the place has and what it sends begin, and the tabs of those: who may see one may see the other."""


class Pages(NamedTuple):
    """What the pages of one kind share. `done` is what they say once after a form was carried out."""

    home: str
    templates: str
    tabs: Mapping[str, str]
    tabs_name: str
    done: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlaceFrame:
    """A page of one place, for someone who may see it. `many`: they have other places too."""

    pages: ClassVar[Pages]

    request: OrdersRequest
    staff: Staff
    place: Place
    tab: str
    texts: Translator
    zone: ZoneInfo
    many: bool

    @property
    def base(self) -> str:
        """The address of the place's first page."""
        return f"{self.pages.home}/{self.place.id}"

    @property
    def address(self) -> str:
        return self.base + self.tab

    def page(
        self, template: str, context: Mapping[str, Any], refusal: DomainError | None = None, *, key: str = ""
    ) -> Response:
        """The page as `template` draws it; with what was refused, and then the `key` of the form that was sent."""
        whole = self._context() | refused(refusal, self.texts) | {"key": next_key(key, refusal)} | dict(context)
        response = render(self.request, f"{self.pages.templates}/{template}", whole, refusal)
        response.headers["Cache-Control"] = "no-store"
        return response

    def done(self, said: str, address: str = "", *, at: str = "") -> Response:
        """What follows a form that was carried out: a page that says so once, this one or that of an address."""
        then = address or self.address
        return RedirectResponse(f"{then}{'&' if '?' in then else '?'}done={said}" + (f"#{at}" if at else ""), 303)

    def when(self, moment: datetime | int) -> str:
        """A moment, or its ms, on the place's clock: `today 10:40`."""
        return day_and_time(moment, self.request.state["clock"](), self.zone, self.texts)

    def dated(self, moment: datetime | int) -> str:
        """The same with its date, whenever that is read: for what is printed."""
        return dated(moment, self.request.state["clock"](), self.zone, self.texts)

    def tabs(self) -> Mapping[str, str]:
        return self.pages.tabs

    def more(self) -> Mapping[str, Any]:
        """What the pages of a kind know beside."""
        return {}

    def _context(self) -> dict[str, Any]:
        done, texts = self.pages.done.get(self.request.query_params.get("done", "")), self.texts
        return {
            "hall": {"id": self.place.id, "name": self.place.names.in_language(texts.language)},
            "title": texts(self.pages.tabs[self.tab]),
            "tabs": self._strip(),
            "tabs_name": texts(self.pages.tabs_name),
            "home": self.pages.home,
            "home_name": texts(_("All my places")),
            "address": self.address,
            "base": self.base,
            "many": self.many,
            "done": done and texts(done),
            **on_shift(self.request, self.staff, self.zone.key),
            **self.more(),
        }

    def _strip(self) -> list[tuple[str, str, bool]]:
        """Both kinds' tabs, those of this page's kind as it has them; before them a hall's manager finds the hall."""
        leads = self.place.kind is PlaceKind.HALL and self.staff.may(Role.MANAGER, self.place.id)
        strip = [(self.texts(_("The hall")), f"/manage/{self.place.id}", False)] if leads else []
        for home, known in (STOCK, SENT):
            mine = home == self.pages.home
            for tab, text in (self.tabs() if mine else known).items():
                strip.append((self.texts(text), f"{home}/{self.place.id}{tab}", mine and tab == self.tab))
        return strip


async def choose_place(request: BookingRequest, home: str, title: str) -> Response:
    """The page where one of the places where they work is chosen; the only one at once.

    Raises SignInRequiredError, NoRightError.
    """
    staff = await require_anyone(request)
    halls = await halls_of(request, staff, Role.CLERK, Role.WAREHOUSE)
    warehouses = [place for place in await request.state["places"].warehouses() if works_at(staff, place.id)]
    if not halls and not warehouses:
        raise NoRightError
    if len(halls) + len(warehouses) == 1:
        only = next(iter([hall.id for hall in halls] + [place.id for place in warehouses]))
        return RedirectResponse(f"{home}/{only}", 303)
    return await choose_hall(request, staff, halls, Asking(home, {}, f"{home}/", title), warehouses)


async def framed(kind: type[F], request: OrdersRequest, who: tuple[Staff, Place], tab: str) -> F:
    """A page's frame, once its caller has made sure that they may see it; times are the place's own."""
    staff, place = who
    zone = HOME_ZONE
    if place.kind is PlaceKind.HALL:
        zone = ZoneInfo((await request.state["directory"].get(place.id)).time_zone)
    mine = workplaces(staff)
    many = len(mine) > 1 or EVERYWHERE in mine
    return kind(request, staff, place, tab, translator_for(request), zone, many)

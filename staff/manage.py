"""The frame of a hall manager's pages: who may come in, the hall's name, the tabs.

A tab is a page of the package that owns its data; here is only the table of them. Such a page is short:

    @signed_in
    async def show_hours(request: BookingRequest) -> Response:
        here = await frame(request, "hours")
        return here.page("booking/manage/hours.html", {…})
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from halls.hall import Hall
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import next_key, refused
from o2o.kernel.i18n import Translator, _, translator_for
from o2o.kernel.pages import render
from staff.browsers import SAFE, sign_in_address
from staff.errors import SignInRequiredError
from staff.schemas import Staff
from staff.service import require
from staff.shift import on_shift
from staff.states import Role

Handler = Callable[[Request[Any]], Awaitable[Response]]
HOME: Final = "/manage"


class Tab(NamedTuple):
    """A page of `/manage/{hall}`; `path` is what follows the hall. One that is not `listed` is reached from another."""

    id: str
    path: str
    text: str
    listed: bool = True


TABS: Final = (
    Tab("now", "", _("Now")),
    Tab("pause", "/pause", _("Pause"), listed=False),
    Tab("rules", "/rules", _("Rules")),
    Tab("counters", "/counters", _("Counters")),
    Tab("services", "/services", _("Services")),
    Tab("hours", "/hours", _("Hours")),
    Tab("people", "/people", _("People")),
    Tab("screens", "/screens", _("Screens")),
    Tab("codes", "/codes", _("Codes")),
    Tab("shelves", "/shelves", _("Shelves")),
    Tab("stock", "/stock", _("Stock")),
    Tab("takings", "/takings", _("Takings")),
    Tab("audit", "/audit", _("What was done")),
)
DONE: Final = {
    "saved": _("Saved. It holds from now on."),
    "paused": _("Stopped. Every page and screen says so now."),
    "resumed": _("The hall goes on."),
    "screen_paired": _("The screen is paired. It shows the hall in a moment."),
    "screen_revoked": _("The screen is taken off."),
    "shelves_made": _("The codes are made. Print them, and put each at its shelf."),
    "shelf_moved": _("The code stands for this from now on. Nothing need be printed."),
    "shelf_revoked": _("The code leads nowhere any more. Take it down."),
    "code_replaced": _("There is a new code. Print it, and take the old one down."),
}
"""What a tab says once after its form was carried out."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A manager's page in one hall, for someone who may manage it."""

    request: Request[Any]
    staff: Staff
    hall: Hall
    tab: str
    texts: Translator

    @property
    def address(self) -> str:
        """This tab's own address, where its forms go."""
        return address_of(self.hall.id, self.tab)

    def page(
        self, template: str, context: Mapping[str, Any], refusal: DomainError | None = None, *, key: str = ""
    ) -> Response:
        """The tab as `template` draws it; with what was refused, and then the `key` of the form that was sent."""
        whole = self._context() | refused(refusal, self.texts) | {"key": next_key(key, refusal)} | dict(context)
        response = render(self.request, template, whole, refusal)
        response.headers["Cache-Control"] = "no-store"
        return response

    def done(self, said: str = "saved", *, at: str = "") -> Response:
        """What follows a form that was carried out: the tab again, which says so once, at the part with that id."""
        return RedirectResponse(f"{self.address}?done={said}" + (f"#{at}" if at else ""), 303)

    def _context(self) -> dict[str, Any]:
        hall, staff, done = self.hall, self.staff, DONE.get(self.request.query_params.get("done", ""))
        return {
            "hall": {
                "id": hall.id,
                "name": hall.names.in_language(self.texts.language),
                "time_zone": hall.time_zone,
            },
            "title": self.texts(tab_of(self.tab).text),
            "tabs": [
                (self.texts(tab.text), address_of(hall.id, tab.id), tab.id == self.tab) for tab in TABS if tab.listed
            ],
            "home": HOME,
            "address": self.address,
            "many": staff.halls(Role.MANAGER) != [hall.id],
            "done": done and self.texts(done),
            **on_shift(self.request, staff, hall.time_zone),
        }


def signed_in(handler: Handler) -> Handler:
    """Send whoever is not signed in to the sign-in page, which leads back to the page that was asked for."""

    @wraps(handler)
    async def asked(request: Request[Any]) -> Response:
        try:
            return await handler(request)
        except SignInRequiredError:
            if request.method not in SAFE:
                raise
            return RedirectResponse(sign_in_address(request), 303)

    return asked


async def frame(request: Request[Any], tab: str) -> Frame:
    """The frame of a tab of `/manage/{hall}`. Raises SignInRequiredError, NoRightError, HallNotFoundError."""
    hall_id = str(request.path_params["hall"])
    staff = await require(request, Role.MANAGER, hall_id)
    hall = await request.state["directory"].refresh(hall_id)  # Another process may just have changed it.
    return Frame(request, staff, hall, tab, translator_for(request))


def tab_of(tab_id: str) -> Tab:
    return next(tab for tab in TABS if tab.id == tab_id)


def address_of(hall_id: str, tab_id: str) -> str:
    return f"{HOME}/{hall_id}{tab_of(tab_id).path}"

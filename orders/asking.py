"""From where somebody asks for a product, and how often they may."""

from typing import Annotated, Final, Protocol

from msgspec import Meta

from halls.fields import Latitude, Longitude
from halls.hall import Hall
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.limits import Limit
from orders.state import OrdersRequest
from staff.browsers import address_of

LOOKS_PER_ADDRESS: Final = Limit(
    600,
    60,
    _("From this connection %(limit)s pages of products were read in a minute. Try again in %(retry_after)s seconds."),
)
"""A hall's Wi-Fi is one address for many people; a scraper would want more than that."""
HallId = Annotated[str, Meta(max_length=40)]


class Place(Protocol):
    """A hall; or a position (WGS-84), which stands for the nearest hall."""

    @property
    def hall(self) -> str | None: ...
    @property
    def lat(self) -> Latitude | None: ...
    @property
    def lon(self) -> Longitude | None: ...


async def asked_in(request: OrdersRequest, place: Place) -> Hall | None:
    """The hall that is meant; None: nowhere in particular. Raises HallNotFoundError, InvalidError."""
    if (place.lat is None) != (place.lon is None):
        raise InvalidError(_("“lat” and “lon” go together."), field="lon" if place.lon is None else "lat")
    if place.hall:
        return await request.state["directory"].get(place.hall)
    if place.lat is None or place.lon is None:
        return None
    halls = await request.state["directory"].all()
    return next((hall for _metres, hall in halls.nearest((place.lat, place.lon))), None)


async def limit_looks(request: OrdersRequest) -> None:
    """Keep one address from reading everything all the time. Raises TooManyError."""
    await request.state["limits"].check(f"products:{address_of(request)}", *LOOKS_PER_ADDRESS)

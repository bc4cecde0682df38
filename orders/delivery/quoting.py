"""What a delivery would cost and when it would come, from a place to a region."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from halls.service import Directory
from halls.stock.places import Place, Places
from halls.stock.states import PlaceKind
from orders.delivery.addresses import Region
from orders.delivery.fees import Rate, fee, rate_for, way
from orders.delivery.rates import all_rates
from orders.delivery.windows import Opening, WarehouseHours, Window, windows

WAREHOUSE_HOURS: Final = WarehouseHours()


class Quote(Struct, frozen=True):
    """Money is fen. `free_from` is the total of goods from which on it costs nothing, if there is one."""

    place: str
    fee: int
    free_from: int | None
    windows: tuple[Window, ...]


async def quote(directory: Directory, place: Place, region: Region, goods: int, now: datetime) -> Quote:
    """For goods of this total (fen) to a checked region."""
    rate = rate_for(region.province_id, await all_rates())
    found = await offered(directory, place, region.province_id, now)
    return Quote(place.id, fee(rate, goods), rate.free_from, found)


async def offered(directory: Directory, place: Place, province: str, now: datetime) -> tuple[Window, ...]:
    """When it can come from the place to a province, by its id, soonest first."""
    takes = way(rate_for(province, await all_rates()), source=place.province, target=province)
    return tuple(windows(await _hours(directory, place), takes, now))


async def fee_for(province: str, goods: int) -> int:
    """What an order with goods of this total (fen) pays for delivery to a province, by its id."""
    return fee(await rate_to(province), goods)


async def rate_to(province: str) -> Rate:
    """What holds for a province, by its id."""
    return rate_for(province, await all_rates())


async def usual_source(places: Places, hall: str) -> Place:
    """Where a delivery comes from that is ordered in this hall: the nearest warehouse, or else the hall itself.

    Raises PlaceNotFoundError. What is in stock where may still make it another place.
    """
    here = await places.get(hall)
    return min(await places.warehouses(), key=lambda one: one.distance_m((here.lat, here.lon)), default=here)


async def _hours(directory: Directory, place: Place) -> Opening:
    return await directory.get(place.id) if place.kind is PlaceKind.HALL else WAREHOUSE_HOURS

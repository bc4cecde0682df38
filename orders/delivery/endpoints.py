"""Delivery over HTTP: what it costs and when it comes, the divisions of addresses, and the rates."""

from typing import Annotated, Final

from msgspec import Meta, Struct
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from halls.fields import Id
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import decode, no_content, query, reply
from o2o.kernel.i18n import _
from o2o.kernel.openapi import documented
from orders.delivery.addresses import Division, Region, checked_region, city_in, province_in
from orders.delivery.divisions import IDS, provinces
from orders.delivery.fees import DEFAULT, EVERYWHERE, Rate
from orders.delivery.quoting import quote, usual_source
from orders.delivery.rates import all_rates, remove_rate, set_rate
from orders.delivery.windows import Window
from orders.money import Amount, Money, fen_of, money
from orders.state import OrdersRequest
from staff.service import require
from staff.states import Role

PATH: Final = "/api/v1/delivery"


class DeliveryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to, from which hall it is ordered, and the goods' total (`129.00`)."""

    hall: Id
    province: Division
    district: Division
    city: Division = ""
    total: Amount = "0.00"


class DivisionQuery(Struct, frozen=True, forbid_unknown_fields=True):
    province: Division = ""
    city: Division = ""


class ShownQuote(Struct, frozen=True):
    """`fee` is for the total that was asked for; `free_from` null: it is never free."""

    region: Region
    place: str
    fee: Money
    free_from: Money | None
    windows: tuple[Window, ...]


class DivisionList(Struct, frozen=True):
    """Names, in the official order: provinces, a province's cities, or a city's districts."""

    divisions: list[str]


class RateInput(Struct, frozen=True, forbid_unknown_fields=True):
    """What delivery costs, from which total of goods on it is free (null: never), how many days a carrier takes."""

    fee: Money
    free_from: Money | None
    days: Annotated[int, Meta(ge=1, le=30)]


class ShownRate(RateInput, frozen=True, kw_only=True):
    """`*` stands for every province without a rate of its own."""

    province: str


class RateList(Struct, frozen=True):
    rates: list[ShownRate]


@documented(resp={200: ShownQuote, 404: None}, query=DeliveryQuery)
async def show_delivery(request: OrdersRequest) -> Response:
    """What a delivery would cost, and when it could come."""
    wish, state = query(request, DeliveryQuery), request.state
    region = checked_region(Region(wish.province, wish.city, wish.district))
    place = await usual_source(state["sourcing"].places, wish.hall)
    found = await quote(state["directory"], place, region, fen_of(Money(wish.total)), state["clock"]())
    free_from = None if found.free_from is None else money(found.free_from)
    return reply(ShownQuote(region, found.place, money(found.fee), free_from, found.windows))


@documented(resp={200: DivisionList}, query=DivisionQuery)
async def list_divisions(request: OrdersRequest) -> Response:
    """The provinces that we deliver to; of one its cities; of a city its districts."""
    wish = query(request, DivisionQuery)
    if not wish.province:
        return reply(DivisionList(list(provinces())))
    province = province_in(wish.province)
    if not wish.city:
        return reply(DivisionList(list(provinces()[province])))
    return reply(DivisionList(list(provinces()[province][city_in(wish.city, province)])))


@documented(resp={200: RateList})
async def list_rates(request: OrdersRequest) -> Response:
    """What delivery costs, by province."""
    rates = {EVERYWHERE: DEFAULT, **await all_rates()}
    return reply(RateList([_shown(rate) for _province, rate in sorted(rates.items())]))


@documented(json=RateInput, resp={200: ShownRate})
async def put_rate(request: OrdersRequest) -> Response:
    """Set what delivery to a province costs, or to every other one: `*`."""
    staff, given = await require(request, Role.HQ), await decode(request, RateInput)
    free_from = None if given.free_from is None else fen_of(given.free_from)
    rate = Rate(_province(request), fen_of(given.fee), free_from, given.days)
    return reply(_shown(await set_rate(rate, actor=staff.principal, at=to_ms(request.state["clock"]()))))


@documented(resp={204: None})
async def delete_rate(request: OrdersRequest) -> Response:
    """Let what holds everywhere hold for a province again."""
    staff = await require(request, Role.HQ)
    await remove_rate(_province(request), actor=staff.principal, at=to_ms(request.state["clock"]()))
    return no_content()


def _province(request: OrdersRequest) -> str:
    province = str(request.path_params["province"])
    if province not in {EVERYWHERE, *IDS.values()}:
        raise InvalidError(_("“%(given)s” is no province that we deliver to."), field="province", given=province)
    return province


def _shown(rate: Rate) -> ShownRate:
    free_from = None if rate.free_from is None else money(rate.free_from)
    return ShownRate(province=rate.province, fee=money(rate.fee), free_from=free_from, days=rate.days)


routes: list[BaseRoute] = [
    Route(PATH, show_delivery, methods=["GET"]),
    Route(f"{PATH}/divisions", list_divisions, methods=["GET"]),
    Route(f"{PATH}/rates", list_rates, methods=["GET"]),
    Route(f"{PATH}/rates/{{province}}", put_rate, methods=["PUT"]),
    Route(f"{PATH}/rates/{{province}}", delete_rate, methods=["DELETE"]),
]

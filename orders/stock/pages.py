"""The staff's pages of a place's stock: which place, what it has, one product with all that happened to it."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from booking.state import BookingRequest, attempt
from halls.stock.errors import PlaceNotFoundError
from halls.stock.places import Place
from halls.stock.queries import level, movements_of, serials_at
from halls.stock.schemas import Level, Movement
from halls.stock.states import MovementKind
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import convert, form, query, read_body
from o2o.kernel.i18n import Translator, _
from orders.place_frame import choose_place
from orders.products import Wanted, find_products
from orders.schemas import Product
from orders.state import OrdersRequest
from orders.stock import deeds
from orders.stock.deeds import product_of
from orders.stock.frame import HOME, Frame, frame, reason_said
from orders.stock.lists import stock_at
from orders.stock.schemas import Damage, Receipt, Transfer
from staff.manage import frame as hall_frame
from staff.manage import signed_in
from staff.telling import who

ROWS_A_PAGE: Final = 100
MOVEMENTS_SHOWN: Final = 50
OTHERS_SHOWN: Final = 20
NEAREST: Final = 20
"""So many halls are offered to transfer to; where there are more, another is written."""
LIKELY: Final = re.compile(r"[\s,，;；、]+")
"""What stands between serial numbers when they are pasted or scanned one after the other."""
KINDS: Final[Mapping[MovementKind, str]] = {
    MovementKind.RECEIVED: _("Received"),
    MovementKind.SOLD: _("Handed over"),
    MovementKind.COUNTED: _("Counted"),
    MovementKind.DAMAGED: _("Damaged"),
    MovementKind.TRANSFERRED: _("Moved"),
    MovementKind.RETURNED: _("Came back"),
}


class LevelsQuery(msgspec.Struct, frozen=True):
    q: Annotated[str, msgspec.Meta(max_length=80)] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=64)] = ""


class DeedForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any of the product's forms: `act` says which; a form has what its act needs."""

    csrf: str = ""
    key: str = ""
    act: str = ""
    quantity: str = ""
    reason: str = ""
    to: str = ""
    serials: str = ""


@signed_in
async def list_places(request: BookingRequest) -> Response:
    """The places whose stock one may see; who has one is led there."""
    return await choose_place(request, HOME, _("Whose stock?"))


@signed_in
async def lead_from_hall(request: OrdersRequest) -> Response:
    """From a hall manager's tabs to the hall's stock."""
    here = await hall_frame(request, "stock")
    return RedirectResponse(f"{HOME}/{here.hall.id}", 303)


@signed_in
async def show_levels(request: OrdersRequest) -> Response:
    here, wish = await frame(request, ""), query(request, LevelsQuery)
    rows = await stock_at(here.place.id, here.texts.language, wish.q)
    start = next((number for number, row in enumerate(rows, 1) if row.sku == wish.cursor), 0)
    shown = rows[start : start + ROWS_A_PAGE]
    more = start + ROWS_A_PAGE < len(rows)
    following = urlencode({"q": wish.q, "cursor": shown[-1].sku}) if more else ""
    context = {
        "rows": shown,
        "q": wish.q,
        "following": following,
        "empty": not rows and not wish.q,
        "others": await _never_here(here, wish.q, {row.sku for row in rows}) if here.keeps and wish.q else [],
    }
    return here.page("levels.html", context)


async def _never_here(here: Frame, words: str, there: Collection[str]) -> list[dict[str, str]]:
    """Products that the words name and the place never had: to receive the first."""
    found = await find_products(Wanted(words, here.request.state["clock"](), OTHERS_SHOWN))
    language = here.texts.language
    others = [one for one in found if one.sku not in there and one.kind.has_stock]
    return [
        {"sku": one.sku, "name": one.names.in_language(language), "href": product_address(here, one.sku)}
        for one in others
    ]


@signed_in
async def show_product(request: OrdersRequest) -> Response:
    here = await frame(request, "")
    return await _product_page(here, await product_of(str(request.path_params["sku"])))


@signed_in
async def change_product(request: OrdersRequest) -> Response:
    """One of the product's forms: receive, damage, transfer."""
    here = await frame(request, "", keep=True)
    product, filled = await product_of(str(request.path_params["sku"])), await form(request, DeedForm)
    try:
        tried = attempt(request, here.staff.principal, await read_body(request), key=filled.key)
        if filled.act not in ACTS:
            raise InvalidError(_("The form can't be read."), field="act")
        await ACTS[filled.act](here, product, filled, tried)
    except DomainError as refusal:
        return await _product_page(here, product, filled, refusal)
    return here.done(filled.act, product_address(here, product.sku))


async def _receive(here: Frame, product: Product, filled: DeedForm, tried: Attempt) -> Level:
    return await deeds.receive(*_asked(here, product), convert(_given(filled), Receipt), tried)


async def _damage(here: Frame, product: Product, filled: DeedForm, tried: Attempt) -> Level:
    return await deeds.damage(*_asked(here, product), convert(_given(filled), Damage), tried)


async def _transfer(here: Frame, product: Product, filled: DeedForm, tried: Attempt) -> Level:
    given = convert(_given(filled) | {"to": await _place_meant(here, filled.to)}, Transfer)
    return await deeds.transfer(*_asked(here, product), given, tried)


def _asked(here: Frame, product: Product) -> tuple[Any, str, str]:
    return here.request.state["stock"], here.place.id, product.sku


def _given(filled: DeedForm) -> dict[str, Any]:
    serials = [one for one in LIKELY.split(filled.serials) if one]
    told = {
        "quantity": filled.quantity.strip() or (str(len(serials)) if serials else ""),
        "reason": filled.reason.strip(),
    }
    return {name: value for name, value in told.items() if value} | ({"serials": serials} if serials else {})


async def _product_page(
    here: Frame, product: Product, filled: DeedForm | None = None, refusal: DomainError | None = None
) -> Response:
    place, sku = here.place.id, product.sku
    movements = await movements_of(place, sku, most=MOVEMENTS_SHOWN)
    serials = await serials_at(place, sku) if product.serialised else []
    context = {
        "row": await level(place, sku),
        "name": product.names.in_language(here.texts.language),
        "serialised": product.serialised,
        "serials": serials,
        "movements": await movement_rows(here, movements),
        "targets": await _targets(here),
        "names_others": len(await here.request.state["directory"].all()) > NEAREST,
        "address": product_address(here, sku),
        "filled": filled or DeedForm(),
    }
    return here.page("one.html", context, refusal, key=filled.key if filled else "")


async def movement_rows(here: Frame, movements: Sequence[Movement]) -> list[dict[str, Any]]:
    """Movements as the page says them."""
    names = await who((one.actor for one in movements), here.texts)
    places = await _names_of(here, {one.other for one in movements if one.other})
    return [
        {
            "what": here.texts(KINDS[one.kind]),
            "other": places.get(one.other, one.other) if one.other else "",
            "leaves": one.quantity < 0,
            "by": f"{one.quantity:+d}".replace("-", "−"),
            "on_hand": one.on_hand,
            "at": here.when(one.at),
            "who": names[one.actor],
            "reason": reason_said(one.reason, here.texts),
        }
        for one in movements
    ]


async def _names_of(here: Frame, places: Collection[str]) -> dict[str, str]:
    """Those that there still are."""
    names = {}
    for place in places:
        with suppress(PlaceNotFoundError):
            names[place] = (await here.request.state["places"].get(place)).names.in_language(here.texts.language)
    return names


async def _targets(here: Frame) -> list[dict[str, str]]:
    """Where stock may go from here: the nearest halls first, then warehouses."""
    halls, near = await here.request.state["directory"].all(), (here.place.lat, here.place.lon)
    nearest = [await here.request.state["places"].get(hall.id) for _m, hall in islice(halls.nearest(near), NEAREST)]
    places = [*nearest, *await here.request.state["places"].warehouses()]
    return [_choice(one, here.texts) for one in places if one.id != here.place.id]


async def _place_meant(here: Frame, said: str) -> str:
    """The id of the only place that is called so; what is nobody's name is taken for an id."""
    name = said.strip().casefold()
    places = await here.request.state["places"].all()
    found = [one.id for one in places if name in {one.names.zh.casefold(), one.names.en.casefold()}]
    return found[0] if len(found) == 1 else said.strip()


def product_address(here: Frame, sku: str) -> str:
    return f"{here.base}/products/{sku}"


def _choice(place: Place, texts: Translator) -> dict[str, str]:
    return {"id": place.id, "name": place.names.in_language(texts.language), "kind": place.kind.value}


Act = Callable[[Frame, Product, DeedForm, Attempt], Awaitable[Level]]
ACTS: Final[Mapping[str, Act]] = {"receive": _receive, "damage": _damage, "transfer": _transfer}

routes: list[BaseRoute] = [
    Route("/manage/{hall}/stock", lead_from_hall, methods=["GET"], name="manage_stock"),
    Route(HOME, list_places, methods=["GET"], name="stock_places"),
    Route(HOME + "/{place}", show_levels, methods=["GET"], name="stock"),
    Route(HOME + "/{place}/products/{sku}", show_product, methods=["GET"], name="stock_product"),
    Route(HOME + "/{place}/products/{sku}", change_product, methods=["POST"]),
]

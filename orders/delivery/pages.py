"""The staff's pages of what a place sends: what to pick, packing slips, what is on its way."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import Struct
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.state import BookingRequest, attempt
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import convert, parse_form, read_body
from o2o.kernel.i18n import _
from orders.contacts import read_contact
from orders.delivery.carriers import MESSENGER, NAMES
from orders.delivery.frame import HOME, Frame, frame
from orders.delivery.queries import order_meant, shipments_from, shipments_of, to_be_paid, to_send
from orders.delivery.schemas import Deliver, Fail, Pick, Ship
from orders.delivery.shipping import deliver, fail, pick, ship, take_back, the_shipment
from orders.delivery.states import UNDER_WAY, ShipmentState
from orders.delivery.wording import due_rows, order_rows, shipment_rows, short, slip
from orders.order_errors import OrderNotFoundError
from orders.order_queries import DELIVERY, lines_of, order_row
from orders.order_schemas import Pay
from orders.place_frame import choose_place
from orders.service.paying import pay, place_of_money
from orders.service.pieces import Serials, sorted_out
from orders.state import OrdersRequest
from qr.draw import inlined
from staff.manage import signed_in

MOST: Final = 100
ENDED: Final = (ShipmentState.DELIVERED, ShipmentState.RETURNED)
MOST_ENDED: Final = 20
SHIPMENTS: Final = "/shipments"


class SentForm(Struct, forbid_unknown_fields=True):
    """Any of the pages' forms: `act` says what its button does, `of` to which order or parcel."""

    csrf: str = ""
    key: str = ""
    act: str = ""
    of: str = ""
    code: str = ""
    carrier: str = ""
    tracking: str = ""
    reason: str = ""
    serials: str = ""
    identity_checked: str = ""
    method: str = ""


@signed_in
async def list_places(request: BookingRequest) -> Response:
    """Which place; whoever works at one alone is there at once."""
    return await choose_place(request, HOME, _("To pick and send"))


@signed_in
async def show_picking(request: OrdersRequest) -> Response:
    return await _picking(await frame(request))


async def change_picking(request: OrdersRequest) -> Response:
    """What was picked, or has left."""
    here = await frame(request)
    return await _change(here, PICKING_ACTS, _picking)


@signed_in
async def show_shipments(request: OrdersRequest) -> Response:
    return await _shipments(await frame(request, SHIPMENTS))


async def change_shipments(request: OrdersRequest) -> Response:
    """What became of a parcel."""
    return await _change(await frame(request, SHIPMENTS), SHIPMENT_ACTS, _shipments)


@signed_in
async def show_slip(request: OrdersRequest) -> Response:
    """What goes into the parcel. Raises OrderNotFoundError when the order has nothing from this place."""
    here, order = await frame(request), str(request.path_params["order"])
    row, lines = await order_row(order), await lines_of(order)
    if here.place.id not in {line.place for line in lines}:
        raise OrderNotFoundError
    contact = await read_contact(request.state["signer"], order)
    picture = await inlined(order)
    return here.page("slip.html", {"slip": await slip(here, row, lines, contact), "picture": picture})


async def _picking(here: Frame, filled: SentForm | None = None, refusal: DomainError | None = None) -> Response:
    orders = await order_rows(here, await to_send(here.place.id, MOST))
    to_pick = sum(order.to_pick for order in orders)
    context = {
        "orders": orders,
        "cut": MOST in {to_pick, len(orders) - to_pick},
        "carriers": [(code, here.texts(name)) for code, name in NAMES.items()],
        "follows": here.request.state["follower"].name,
        "messenger": MESSENGER,
        "filled": filled or SentForm(),
    }
    return here.page("picking.html", context, refusal, key=_key(filled))


async def _shipments(here: Frame, filled: SentForm | None = None, refusal: DomainError | None = None) -> Response:
    under_way = await shipments_from(here.place.id, UNDER_WAY, MOST)
    ended = await shipments_from(here.place.id, ENDED, MOST_ENDED)
    context = {
        "under_way": await shipment_rows(here, under_way),
        "ended": await shipment_rows(here, ended),
        "unpaid": await due_rows(here, await to_be_paid(here.place.id, MOST)),
        "follows": here.request.state["follower"].name,
        "filled": filled or SentForm(),
    }
    return here.page("shipments.html", context, refusal, key=_key(filled))


Act = Callable[[Frame, SentForm, Attempt], Awaitable[str]]
Again = Callable[[Frame, SentForm | None, DomainError | None], Awaitable[Response]]


async def _change(here: Frame, acts: Mapping[str, Act], again: Again) -> Response:
    body = await read_body(here.request)
    filled = parse_form(body, SentForm)
    try:
        if filled.act not in acts:
            raise InvalidError(_("The form can't be read."), field="act")
        tried = attempt(here.request, here.staff.principal, body, key=filled.key)
        said = await acts[filled.act](here, filled, tried)
    except DomainError as refusal:
        return await again(here, filled, refusal)
    return here.done(said, at=f"o-{filled.of}" if filled.act == "pick" else "")


async def _pick(here: Frame, filled: SentForm, tried: Attempt) -> str:
    wish = convert({"serials": await _serials(here, filled)}, Pick)
    await pick(here.request.state, filled.of, here.place.id, wish.serials, tried)
    return "picked"


async def _scan(here: Frame, filled: SentForm, tried: Attempt) -> str:
    """A packing slip's picture read by a scanner, or the short number that stands beside it."""
    found = await order_meant(here.place.id, filled.code.strip())
    if found is None:
        raise InvalidError(_("No order that waits here has the number “%(code)s”."), field="code", code=filled.code)
    await pick(here.request.state, found, here.place.id, {}, tried)
    return "picked"


async def _ship(here: Frame, filled: SentForm, tried: Attempt) -> str:
    tracking = filled.tracking.strip() or (short(filled.of) if filled.carrier == MESSENGER else "")
    if not tracking:
        raise InvalidError(_("Scan or type the carrier's tracking number."), field="tracking")
    given = {
        "carrier": filled.carrier,
        "tracking": tracking,
        "serials": await _serials(here, filled),
    }
    await ship(here.request.state, filled.of, here.place.id, convert(given, Ship), tried)
    return "shipped"


async def _serials(here: Frame, filled: SentForm) -> Serials:
    """Pieces are scanned in any order: which line each is of, its number says."""
    mine = [line for line in await lines_of(filled.of) if line.place == here.place.id]
    return await sorted_out(mine, filled.serials.split())


async def _deliver(here: Frame, filled: SentForm, tried: Attempt) -> str:
    wish = Deliver(identity_checked=bool(filled.identity_checked))
    await deliver(here.request.state, await _parcel(here, filled), wish, tried)
    return "delivered"


async def _pay(here: Frame, filled: SentForm, tried: Attempt) -> str:
    """What the courier brought back."""
    row, lines = await order_row(filled.of), await lines_of(filled.of)
    if row.pay_at != DELIVERY or here.place.id != place_of_money(row, lines):
        raise OrderNotFoundError
    wish: Pay = convert({"method": filled.method}, Pay)
    await pay(here.request.state, filled.of, wish, tried)
    return "paid"


async def _fail(here: Frame, filled: SentForm, tried: Attempt) -> str:
    await fail(here.request.state, await _parcel(here, filled), _why(filled), tried)
    return "failed"


async def _back(here: Frame, filled: SentForm, tried: Attempt) -> str:
    await take_back(here.request.state, await _parcel(here, filled), _why(filled), tried)
    return "back"


async def _parcel(here: Frame, filled: SentForm) -> str:
    """A parcel of this place. `of` has its order before it. Raises NothingToDoError."""
    order, _dot, shipment = filled.of.partition(".")
    mine = [one for one in await shipments_of(order) if one.place == here.place.id]
    return the_shipment(mine, shipment).id


def _why(filled: SentForm) -> Fail:
    wish: Fail = convert({"reason": filled.reason.strip()}, Fail)
    return wish


def _key(filled: SentForm | None) -> str:
    """What the keys of the page's forms begin with: each form's has its act and its order behind."""
    return filled.key.partition(".")[0] if filled else ""


PICKING_ACTS: Final[Mapping[str, Act]] = {"pick": _pick, "scan": _scan, "ship": _ship}
SHIPMENT_ACTS: Final[Mapping[str, Act]] = {"deliver": _deliver, "pay": _pay, "fail": _fail, "back": _back}

routes: list[BaseRoute] = [
    Route(HOME, list_places, methods=["GET"], name="picking"),
    Route(HOME + "/{place}", show_picking, methods=["GET"], name="picking_place"),
    Route(HOME + "/{place}", change_picking, methods=["POST"]),
    Route(HOME + "/{place}/shipments", show_shipments, methods=["GET"], name="picking_shipments"),
    Route(HOME + "/{place}/shipments", change_shipments, methods=["POST"]),
    Route(HOME + "/{place}/slips/{order}", show_slip, methods=["GET"], name="packing_slip"),
]

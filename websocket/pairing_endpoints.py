"""Pairing over HTTP: a device asks for a code and then for its token; a manager enters the code, lists and revokes."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.state import BookingState
from o2o.kernel.database import transaction
from o2o.kernel.http import decode, no_content, operation, parse, query, read_body, reply
from o2o.kernel.i18n import _
from o2o.kernel.idempotency import answered, once
from o2o.kernel.limits import Limit
from o2o.kernel.openapi import documented
from o2o.kernel.paging import PageQuery, page
from staff.browsers import address_of
from staff.errors import NoRightError
from staff.schemas import Staff
from staff.service import require
from staff.states import Role
from websocket import pairing
from websocket.pairing_schemas import (
    DeviceMade,
    DeviceToken,
    DisplayAnswer,
    DisplayList,
    Naming,
    NewDevice,
    Pairing,
    Secret,
    WaitingDevice,
)

ANONYMOUS: Final = "anonymous"
# A hall sets up a few screens at a time; codes are guessed by nobody but staff.
DEVICES_PER_ADDRESS: Final = Limit(
    60, 900, _("From this connection %(limit)s screens asked for a code. Try again in %(minutes)s min.")
)
CODES_PER_PERSON: Final = Limit(30, 900, _("You have tried %(limit)s codes of screens. Try again in %(minutes)s min."))

PairingRequest = Request[BookingState]


@documented(json=NewDevice, resp={201: DeviceMade})
async def create_device(request: PairingRequest) -> Response:
    """Make an unpaired display or kiosk: show the code, keep the secret."""
    body = await read_body(request)
    wish, op = parse(body, NewDevice), operation(request, ANONYMOUS, body)
    clock = request.state["clock"]
    if not await answered(op, clock):  # Who lost the answer asks for no other screen.
        await limit_devices(request)
    answer = await once(op, clock, lambda _client: pairing.make_device(wish, clock()), 201)
    made = msgspec.json.decode(answer.body, type=WaitingDevice)
    secret = pairing.secret_of(request.state["signer"], made.id)
    return reply(DeviceMade(**msgspec.structs.asdict(made), secret=secret), answer.status)


@documented(json=Secret, resp={200: DeviceToken}, keyed=False)
async def create_token(request: PairingRequest) -> Response:
    """Exchange a device's secret for its token. 409 `not_paired` until a manager has entered the code."""
    wish = await decode(request, Secret)
    secret = wish.secret or pairing.cookie_secret(request)
    return reply(await pairing.exchange(request.state["signer"], secret, request.state["clock"]()))


@documented(json=Pairing, resp={201: DisplayAnswer})
async def create_display(request: PairingRequest) -> Response:
    """Pair the device that shows this code with the hall (manager)."""
    hall = request.path_params["hall"]
    staff = await require(request, Role.MANAGER, hall)
    answer = await pair_with(request, staff, hall, None)
    return reply(answer, 201)


async def pair_with(request: PairingRequest, staff: Staff, hall: str, given: tuple[Pairing, str] | None) -> bytes:
    """Pair once, however often the request is sent. A page gives its wish and key, an API client sends them."""
    body = await read_body(request)
    wish, key = given or (parse(body, Pairing), None)
    op = operation(request, staff.principal, body, key)
    await request.state["directory"].get(hall)
    await request.state["limits"].check_operation(f"pairing:{staff.username}", op, CODES_PER_PERSON)
    clock = request.state["clock"]
    answer = await once(op, clock, lambda client: pairing.pair(client, wish, hall, staff.principal, clock()), 201)
    return answer.body


@documented(resp={200: DisplayList}, query=PageQuery)
async def list_displays(request: PairingRequest) -> Response:
    """List the hall's displays and kiosks (manager), with when each was last connected."""
    hall = request.path_params["hall"]
    await require(request, Role.MANAGER, hall)
    await request.state["directory"].get(hall)
    wish, displays = query(request, PageQuery), await pairing.displays_of(hall, request.state["clock"]())
    shown, following = page(displays, wish.limit, wish.cursor, lambda display: display.id)
    return reply(DisplayList(list(shown), following))


@documented(resp={200: DisplayAnswer, 403: None, 404: None}, json=Naming)
async def update_display(request: PairingRequest) -> Response:
    """Name a display (manager of its hall). The same name again changes nothing."""
    wish = await decode(request, Naming)
    staff, device = await manager_of(request, str(request.path_params["display"]))
    return reply(await rename(request, staff, device, wish))


@documented(resp={204: None})
async def delete_display(request: PairingRequest) -> Response:
    """Revoke a display (manager of its hall): it shows nothing more until it is paired again."""
    staff, device = await manager_of(request, str(request.path_params["display"]))
    await revoke(request, staff, device)
    return no_content()


async def rename(request: PairingRequest, staff: Staff, device: str, wish: Naming) -> DisplayAnswer:
    now = request.state["clock"]()
    return await transaction(lambda client: pairing.rename(client, device, wish, staff.principal, now))


async def revoke(request: PairingRequest, staff: Staff, device: str) -> None:
    now = request.state["clock"]()
    await transaction(lambda client: pairing.revoke(client, device, staff.principal, now))
    pairing.doubt(device)


async def manager_of(request: PairingRequest, device: str) -> tuple[Staff, str]:
    """Who may manage the device. Raises SignInRequiredError, NoRightError, DeviceUnknownError."""
    staff = await require(request, Role.MANAGER)
    if not staff.may(Role.MANAGER, await pairing.hall_of(device)):
        raise NoRightError
    return staff, device


async def limit_devices(request: PairingRequest) -> None:
    """Without Redis devices are not counted (fails open): the expired ones are swept by each new one."""
    await request.state["limits"].check(f"device:{address_of(request)}", *DEVICES_PER_ADDRESS)


routes: list[BaseRoute] = [
    Route("/api/v1/displays", create_device, methods=["POST"], name="create_device"),
    Route("/api/v1/displays/token", create_token, methods=["POST"], name="create_device_token"),
    Route("/api/v1/displays/{display}", update_display, methods=["PUT"], name="update_display"),
    Route("/api/v1/displays/{display}", delete_display, methods=["DELETE"], name="delete_display"),
    Route("/api/v1/halls/{hall}/displays", create_display, methods=["POST"], name="create_display"),
    Route("/api/v1/halls/{hall}/displays", list_displays, methods=["GET"], name="list_displays"),
]

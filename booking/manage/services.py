"""A hall's services, as its manager keeps them: names, prefix, order, and whether numbers are given now.

Which services there are is headquarters' choice: figures and the finder compare halls by them.
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.manage.sheets import (
    Filled,
    Sent,
    Sheet,
    act_of,
    change,
    filled_form,
    mark,
    sheets_page,
    shown_again,
    unless_changed,
)
from booking.state import BookingRequest
from halls.errors import HallChangedError
from halls.schemas import HallInput, ServiceInput
from halls.service import hall_document
from o2o.kernel.errors import DomainError
from o2o.kernel.http import convert
from staff.manage import HOME, Frame, frame, signed_in

TAB: Final = "services"
LONG: Final = 9  # No hall has so many services, and Python reads no number of thousands of digits.
Services = tuple[ServiceInput, ...]


@signed_in
async def show_services(request: BookingRequest) -> Response:
    return await _page(await frame(request, TAB))


async def change_services(request: BookingRequest) -> Response:
    """One service's form, or one of its buttons."""
    here, filled = await frame(request, TAB), await filled_form(request)
    act = act_of(ACTS, filled)
    try:
        await change(here, TAB, filled, lambda before: replace(before, services=_changed(before, filled, act)))
    except DomainError as refusal:
        return await _page(here, Sent(filled, refusal))
    return here.done(at=_sheet_id(filled.of))


async def _page(here: Frame, sent: Sent | None = None) -> Response:
    services = (await hall_document(here.hall.id)).services
    names = {service.id: service.names.in_language(here.texts.language) for service in here.hall.services}
    rows = [
        {"id": service.id, "name": names.get(service.id, service.id), "prefix": service.prefix, "open": service.open}
        for service in services
    ]
    sheets = shown_again([_sheet(service) for service in services], sent, here.texts)
    context = {"services": list(zip(rows, sheets, strict=True))}
    return sheets_page(here, "booking/manage/services.html", context, sent)


def _sheet(service: ServiceInput) -> Sheet:
    names = service.names
    values = {
        "zh-CN": names.zh if names else service.name,
        "en": names.en if names else service.name,
        "prefix": service.prefix,
    }
    return Sheet(_sheet_id(service.id), values, mark(service))


def _sheet_id(service_id: str) -> str:
    return f"service-{service_id}"


def _changed(before: HallInput, filled: Filled, act: "Act") -> Services:
    service = next((one for one in before.services if one.id == filled.of), None)
    if service is None:
        raise HallChangedError
    return act(before.services, service, filled)


def _save(services: Services, service: ServiceInput, filled: Filled) -> Services:
    given = {
        "id": service.id,
        "prefix": filled.text("prefix").upper(),
        "names": filled.present("zh-CN", "en"),
        "open": service.open,
    }
    return _put(services, unless_changed(service, convert(given, ServiceInput), filled.text("seen")))


def _open(services: Services, service: ServiceInput, _filled: Filled) -> Services:
    return _put(services, replace(service, open=True))


def _close(services: Services, service: ServiceInput, _filled: Filled) -> Services:
    return _put(services, replace(service, open=False))


def _move(services: Services, service: ServiceInput, filled: Filled) -> Services:
    """Pages and displays name the services in this order."""
    others = [one for one in services if one is not service]
    to = filled.text("to")
    place = int(to) if to.isdecimal() and len(to) < LONG else len(others)
    return (*others[:place], service, *others[place:])


def _put(services: Services, service: ServiceInput) -> Services:
    return tuple(service if one.id == service.id else one for one in services)


Act = Callable[[Services, ServiceInput, Filled], Services]
ACTS: Final[Mapping[str, Act]] = {"save": _save, "open": _open, "close": _close, "move": _move}

routes: list[BaseRoute] = [
    Route(HOME + "/{hall}/services", show_services, methods=["GET"], name="manage_services"),
    Route(HOME + "/{hall}/services", change_services, methods=["POST"]),
]

"""Halls over HTTP: the finder, one hall, and changing one whole."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.current import Made
from booking.queries import pause_row
from booking.schemas import Pause
from booking.service.configuration import configure
from booking.service.pausing import pause
from booking.state import BookingRequest, attempt
from booking.summary import as_words
from halls.errors import HallChangedError
from halls.hall import Hall
from halls.queries import Found, Load, find_halls
from halls.schemas import HallInput
from halls.shown import ShownHall, ShownHallWhole, show_hall, show_hall_whole
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import decode, encoded, parse, query, read_body, reply
from o2o.kernel.i18n import _, language_of
from o2o.kernel.openapi import documented
from o2o.kernel.paging import USUAL, Cursor, Limit, page
from o2o.kernel.statements import Version
from staff.service import require
from staff.states import Role


class HallQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`lat` and `lon` (WGS-84) go together; `q` is words of a name, address, id or service.

    `service` is a service's id or words of its name; with `open` only halls that are open now are shown.
    """

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    q: Annotated[str, msgspec.Meta(max_length=80)] = ""
    service: Annotated[str, msgspec.Meta(max_length=80)] = ""
    open: bool = False


class HallPageQuery(HallQuery, frozen=True, forbid_unknown_fields=True):
    limit: Limit = USUAL
    cursor: Cursor | None = None


class RevQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rev`: change the hall only if this is its revision still."""

    rev: Annotated[int, msgspec.Meta(ge=0)] | None = None


class HallList(msgspec.Struct, frozen=True):
    halls: list[ShownHall]
    next_cursor: str | None


@documented(resp={200: HallList}, query=HallPageQuery)
async def list_halls(request: BookingRequest) -> Response:
    """The halls, nearest first when a position is given."""
    wish = query(request, HallPageQuery)
    found, following = page(await found_halls(request, wish), wish.limit, wish.cursor, lambda one: one.hall.id)
    return reply(HallList(await shown_halls(request, found), following))


async def found_halls(request: BookingRequest, wish: HallQuery) -> Iterator[Found]:
    """The halls that were asked for, nearest first when a position is given. Raises InvalidError."""
    if (wish.lat is None) != (wish.lon is None):
        raise InvalidError(_("“lat” and “lon” go together."), field="lon" if wish.lon is None else "lat")
    near = (wish.lat, wish.lon) if wish.lat is not None and wish.lon is not None else None
    halls, open_at = await request.state["directory"].all(), request.state["clock"]() if wish.open else None
    return find_halls(halls, near=near, text=wish.q, service=wish.service, open_at=open_at)


async def shown_halls(request: BookingRequest, found: Sequence[Found]) -> list[ShownHall]:
    """These halls as they are now, each with its load."""
    loads = await request.state["line"].loads([one.hall for one in found])
    now, language = request.state["clock"](), language_of(request)
    return [
        show_hall(one.hall, load, now=now, language=language, distance_m=one.distance_m)
        for one, load in zip(found, loads, strict=True)
    ]


@documented(resp={200: ShownHallWhole, 404: None})
async def show_one_hall(request: BookingRequest) -> Response:
    """One hall, whole."""
    hall = await request.state["directory"].refresh(_hall_id(request))  # Another process may have changed it.
    now, language = request.state["clock"](), language_of(request)

    async def show(_version: Version) -> Made:
        load = await _load(request, hall)
        return Made(encoded(show_hall_whole(hall, load, now=now, language=language)), load.version)

    key = ("hall", hall.id, language, hall.is_open(now))
    return reply(await request.state["current"].answer(hall, key, show))


async def shown_hall(request: BookingRequest, hall: Hall) -> ShownHallWhole:
    """The hall as whoever has just changed it sees it."""
    load = await _load(request, hall)
    return show_hall_whole(hall, load, now=request.state["clock"](), language=language_of(request))


async def _load(request: BookingRequest, hall: Hall) -> Load:
    """The load as it is announced, but for the pause: that is as it is committed, for whoever has just asked for it."""
    (load,) = await request.state["line"].loads([hall])
    return load._replace(pause=as_words(await pause_row(hall.id)))


@documented(resp={200: ShownHallWhole, 201: ShownHallWhole, 403: None, 409: None}, json=HallInput, query=RevQuery)
async def replace_hall(request: BookingRequest) -> Response:
    """Make a hall, or change it whole. The same document again changes nothing."""
    staff = await require(request, Role.HQ)
    wanted, given = query(request, RevQuery).rev, await decode(request, HallInput)

    def edit(before: HallInput | None, rev: int) -> HallInput:
        if wanted not in (None, rev) and before != given:
            raise HallChangedError
        return given

    hall, created = await configure(request.state["line"], _hall_id(request), edit, actor=staff.principal)
    return reply(await shown_hall(request, hall), 201 if created else 200)


@documented(resp={200: ShownHallWhole, 403: None}, json=Pause)
async def create_pause(request: BookingRequest) -> Response:
    """Stop giving numbers or calling, at once; every page and display says so. A new pause replaces the one before."""
    hall = await request.state["directory"].get(_hall_id(request))
    staff, body = await require(request, Role.MANAGER, hall.id), await read_body(request)
    await pause(request.state["line"], hall, parse(body, Pause), attempt(request, staff.principal, body))
    return reply(await shown_hall(request, hall))


@documented(resp={200: ShownHallWhole, 403: None})
async def delete_pause(request: BookingRequest) -> Response:
    """Go on. The same however often it is asked for, so that it needs no key; a given one is honoured."""
    hall = await request.state["directory"].get(_hall_id(request))
    staff = await require(request, Role.MANAGER, hall.id)
    key = request.headers.get("idempotency-key") or secrets.token_urlsafe(16)
    go_on, tried = Pause(issuing=False, calling=False), attempt(request, staff.principal, b"", key=key)
    await pause(request.state["line"], hall, go_on, tried)
    return reply(await shown_hall(request, hall))


def _hall_id(request: BookingRequest) -> str:
    return str(request.path_params["hall"])


routes: list[BaseRoute] = [
    Route("/api/v1/halls", list_halls, methods=["GET"]),
    Route("/api/v1/halls/{hall}", show_one_hall, methods=["GET"]),
    Route("/api/v1/halls/{hall}", replace_hall, methods=["PUT"]),
    Route("/api/v1/halls/{hall}/pause", create_pause, methods=["POST"]),
    Route("/api/v1/halls/{hall}/pause", delete_pause, methods=["DELETE"]),
]

"""Places that have stock: halls and warehouses, in one namespace of ids."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from halls.errors import HallNotFoundError, PlaceTakenError
from halls.fields import Id, Latitude, Longitude
from halls.hall import Hall
from halls.models import HallRecord, Warehouse
from halls.position import Position, distance_m
from halls.schemas import Names
from halls.search import folded
from halls.service import Directory
from halls.stock.errors import PlaceNotFoundError
from halls.stock.states import PlaceKind
from o2o.kernel.audit import Done, changed, note, place_tag
from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from o2o.kernel.statements import make_fence

AGE_S: Final = 3.0
"""How old what is known of warehouses may be."""


@dataclass(frozen=True, slots=True)
class Place:
    id: str
    kind: PlaceKind
    names: Names
    province: str | None
    lat: float
    lon: float

    @property
    def searched(self) -> tuple[str, ...]:
        """What whoever chooses a place looks for words in."""
        return folded(self.id), folded(self.names.zh), folded(self.names.en)

    def distance_m(self, other: Position) -> float:
        return distance_m((self.lat, self.lon), other)


class WarehouseInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: Names
    lat: Latitude
    lon: Longitude
    province: Id | None = None


class Places:
    """Every place, as this process knows it."""

    def __init__(self, directory: Directory, seconds: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._seconds = seconds
        self._warehouses: dict[str, Place] = {}
        self._read_at: float | None = None

    async def get(self, place: str) -> Place:
        """Raises PlaceNotFoundError."""
        if warehouse := (await self._known_warehouses()).get(place):
            return warehouse
        try:
            return _place_of(await self._directory.get(place))
        except HallNotFoundError as error:
            raise PlaceNotFoundError from error

    async def all(self) -> list[Place]:
        """Halls, then warehouses."""
        halls = [_place_of(hall) for hall in await self._directory.all()]
        return [*halls, *(await self._known_warehouses()).values()]

    async def warehouses(self) -> list[Place]:
        return list((await self._known_warehouses()).values())

    def forget(self) -> None:
        """Look again at the next question."""
        self._read_at = None

    async def _known_warehouses(self) -> dict[str, Place]:
        if self._read_at is None or self._seconds() - self._read_at > AGE_S:
            self._warehouses = {row.id: _warehouse(row) for row in await Warehouse.all().order_by("id")}
            self._read_at = self._seconds()
        return self._warehouses


async def put_warehouse(places: Places, place: str, given: WarehouseInput, *, now: datetime, actor: str) -> Place:
    """Make the warehouse, or change it whole, in `actor`'s name. Raises PlaceTakenError: a hall has the id."""
    try:
        row = await transaction(lambda client: _write(client, place, given, actor, to_ms(now)))
    except IntegrityError as error:
        raise PlaceTakenError(place) from error
    places.forget()
    return _warehouse(row)


async def _write(client: BaseDBAsyncClient, place: str, given: WarehouseInput, actor: str, at: int) -> Warehouse:
    await make_fence(client, place_tag(place))
    if await HallRecord.filter(id=place).using_db(client).exists():
        raise PlaceTakenError(place)
    row = await Warehouse.select_for_update(using_db=client).get_or_none(id=place)
    document = msgspec.to_builtins(given)
    difference = changed(row.document if row else {}, document)
    name = "warehouse.edited" if row else "warehouse.made"
    if row is None:
        row = await Warehouse.create(using_db=client, id=place, document=document, created_at=at)
    elif row.document != document:
        row.document = document
        await row.save(using_db=client)
    else:
        return row
    await note(client, Done(name, actor, at, place), [place_tag(place)], difference)
    return row


def _place_of(hall: Hall) -> Place:
    return Place(hall.id, PlaceKind.HALL, hall.names, hall.province, hall.lat, hall.lon)


def _warehouse(row: Warehouse) -> Place:
    given = msgspec.convert(row.document, WarehouseInput)
    return Place(row.id, PlaceKind.WAREHOUSE, given.names, given.province, given.lat, given.lon)

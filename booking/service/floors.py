"""Numbers that are not given, because people may have them although SQL forgot: a restore's."""

from collections.abc import Mapping
from typing import TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient

from booking.models import NumberFloor

Line = TypeVar("Line", bound=tuple[str, str, str])


async def raise_floors(client: BaseDBAsyncClient, floors: Mapping[Line, int]) -> None:
    """Let the numbers of each (hall, business day, prefix) go on above the serial that is given for it."""
    for (hall, day, prefix), serial in floors.items():
        line = {"hall": hall, "day": day, "prefix": prefix}
        floor = await NumberFloor.get_or_none(**line, using_db=client) or NumberFloor(**line, serial=0)
        floor.serial = max(floor.serial, serial)
        if floor.serial:
            await floor.save(using_db=client)

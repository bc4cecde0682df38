"""What halls cost in which nothing happens: the look of a job at each of them, and the search for the nearest."""

import asyncio
from itertools import cycle, islice
from time import process_time
from typing import Final

from msgspec.structs import replace

from benchmarks.load import get, repeated
from benchmarks.scaling.costs import SEARCHED
from benchmarks.scaling.ground import ALL_HALLS, LOAD_S, ROUNDS, Ground
from benchmarks.scaling.spending import US, Spent, lowest
from booking.service.line import TOUCHED
from halls.assembly import assemble
from halls.atlas import Atlas
from halls.demo import DEMO_HALLS
from halls.queries import find_halls
from o2o.kernel.paging import USUAL

LOOKS: Final = 3
SEARCHES: Final = 5


async def measure(ground: Ground) -> dict[str, float]:
    await ground.rest()
    looking = await lowest(ROUNDS, lambda: _looks(ground))
    shown = (await lowest(ROUNDS, lambda: _searches(ground))).service - _finding_s(ALL_HALLS)
    return {
        "settle_hall_us": US * looking.service / ALL_HALLS,
        "finder_us": US * shown,
        "finding_us": US * _finding_s(SEARCHED),
    }


async def _looks(ground: Ground) -> Spent:
    """One look at all halls: which of them changed is forgotten each second."""

    async def forgetting() -> None:
        for _ in range(LOOKS):
            await ground.redis.delete(TOUCHED)
            await asyncio.sleep(1)

    return (await ground.parts.during(forgetting())).beyond(ground.idle).each(LOOKS)


async def _searches(ground: Ground) -> Spent:
    """One search of one client after the other, each from somewhere else."""
    where = cycle([get(f"/api/v1/halls?lat={30 + n / 10}&lon=117.2") for n in range(100)])
    spent, answers = await ground.load([repeated(lambda: next(where), LOAD_S)])
    return spent.each(answers)


def _finding_s(number: int) -> float:
    """Seconds of this process's CPU until the nearest of so many halls, spread over a nation, are found."""
    documents = list(DEMO_HALLS.values())
    halls = [assemble(f"bench-{n}", documents[n % len(documents)], rev=1) for n in range(number)]
    atlas = Atlas(replace(hall, lat=20 + n % 173 / 6, lon=80 + n % 251 / 6) for n, hall in enumerate(halls))
    list(find_halls(atlas, near=(30, 117.2)))  # The first of all folds what is written of each hall, once.
    took = []
    for n in range(SEARCHES):
        begun = process_time()
        list(islice(find_halls(atlas, near=(30 + n, 117.2)), USUAL))
        took.append(process_time() - begun)
    return min(took)

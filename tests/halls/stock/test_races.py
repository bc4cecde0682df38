"""Many at once over two processes: what is sold is what was there, whatever is lost meanwhile. The guards' controls."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from halls.models import StockAllocation, StockHold, StockLevel, StockMovement
from halls.stock.errors import HoldEndedError, OutOfStockError
from halls.stock.schemas import Hold
from o2o.kernel.errors import ConflictError, UnavailableError
from o2o.kernel.models import Event
from tests.altering import alter
from tests.halls.stock.guards import NO_GUARD
from tests.halls.stock.rooms import PLACES, SKU, Process, altered, levels_of

R = TypeVar("R")

BUYERS, UNITS = 400, {"heping": 30, "nankai": 30, "tianjin": 40}


@pytest.fixture
async def stocked(two: list[Process]) -> list[Process]:
    for place, units in UNITS.items():
        await two[0].receive(units, place)
    return two


async def patiently(work: Callable[[], Awaitable[R]]) -> R:
    """As a phone does it: a 503 is asked again with the same operation. A cluster's new master takes seconds."""
    for _ in range(600):
        try:
            return await work()
        except UnavailableError:
            await asyncio.sleep(0.05)
    raise AssertionError("unavailable for half a minute")


async def buy(one: Process, n: int) -> str:
    """Try the places one after the other; where it was to be had, or that it was nowhere."""
    for place in (*PLACES[n % 3 :], *PLACES[: n % 3]):
        keep, take, leave = (one.attempt(secrets.token_urlsafe(16)) for _ in range(3))
        holder = f"buyer {n}"

        async def held(place: str = place, keep: object = keep, holder: str = holder) -> Hold:
            return await one.stock.hold(place, SKU, 1, keep, holder=holder)  # type: ignore[arg-type]

        try:
            hold = await patiently(held)
        except OutOfStockError:
            continue
        await patiently(lambda hold=hold, take=take: one.stock.allocate(hold.id, take, line=f"order/{n}"))  # type: ignore[misc]
        await patiently(lambda hold=hold, leave=leave: one.stock.hand_over(hold.id, leave))  # type: ignore[misc]
        return place
    return "nowhere"


async def sell_to_all(two: list[Process], at_once: int = BUYERS) -> Counter[str]:
    gate = asyncio.Semaphore(at_once)

    async def one_buyer(n: int) -> str:
        async with gate:
            return await buy(two[n % 2], n)

    async with asyncio.timeout(100):
        return Counter(await asyncio.gather(*map(one_buyer, range(BUYERS))))


async def assert_all_is_sold_and_no_more(bought: Counter[str]) -> None:
    assert bought == Counter({**UNITS, "nowhere": BUYERS - sum(UNITS.values())})
    assert {
        level.place: (level.on_hand, level.allocated, level.held) for level in await levels_of(SKU)
    } == dict.fromkeys(PLACES, (0, 0, 0))
    assert await StockAllocation.filter(state="handed_over").count() == sum(UNITS.values())
    assert await StockHold.filter(state="active").count() == 0
    moved = await StockMovement.filter(kind="sold").values_list("quantity", flat=True)
    assert sum(map(int, moved)) == -sum(UNITS.values())  # type: ignore[arg-type]


async def without_sql_s_checks() -> None:
    await alter(
        "CREATE TABLE bare AS SELECT * FROM stock_levels; DROP TABLE stock_levels;"
        "ALTER TABLE bare RENAME TO stock_levels; CREATE UNIQUE INDEX stock_levels_id ON stock_levels (id);"
    )


async def test_400_buyers_get_exactly_the_100_that_are_there(stocked: list[Process]) -> None:
    await assert_all_is_sold_and_no_more(await sell_to_all(stocked))


async def test_400_buyers_get_exactly_the_100_although_redis_is_emptied_in_the_middle(stocked: list[Process]) -> None:
    async def lose() -> None:
        for sold in (10, 40, 70):
            while await StockAllocation.filter(state="handed_over").count() < sold:
                await asyncio.sleep(0)
            await stocked[0].forget()

    bought, _lost = await asyncio.gather(sell_to_all(stocked, at_once=12), lose())

    await assert_all_is_sold_and_no_more(bought)
    for place in PLACES:
        epochs = await Event.filter(tag=f"place:{place}", name="stock.sold").distinct().values_list("epoch", flat=True)
        assert len(epochs) > 1


async def test_control_without_the_script_s_guard_sql_still_refuses_to_oversell(stocked: list[Process]) -> None:
    for place in PLACES:
        await stocked[1].hold(place=place)
    altered(*NO_GUARD, *stocked)

    refused = 0
    for n in range(31):
        try:
            await stocked[0].hold(who=f"buyer {n}")
        except ConflictError as error:
            refused += error.code == "conflict"

    assert (refused, (await stocked[0].counts())[2]) == (2, 30)


async def test_control_without_any_guard_more_is_kept_than_there_is(stocked: list[Process]) -> None:
    for place in PLACES:
        for one in stocked:
            await one.hold(place=place)
    await without_sql_s_checks()
    altered(*NO_GUARD, *stocked)

    await asyncio.gather(*(stocked[n % 2].hold(who=f"buyer {n}") for n in range(BUYERS)))

    assert (await StockLevel.get(place="heping", sku=SKU)).held == BUYERS + 2


async def test_of_two_who_end_a_hold_one_does(stocked: list[Process]) -> None:
    for _ in range(20):
        hold = await stocked[0].hold()
        outcomes = await asyncio.gather(
            stocked[0].stock.allocate(hold.id, stocked[0].attempt(), line="order/1"),
            stocked[1].stock.release(hold.id, stocked[1].attempt(), why="cancelled"),
            return_exceptions=True,
        )
        assert sum(isinstance(outcome, HoldEndedError) for outcome in outcomes) == 1
    on_hand, allocated, held = await stocked[0].counts()
    assert (on_hand, held) == (30, 0)
    assert allocated == await StockAllocation.filter(state="allocated").count()


async def test_a_piece_that_two_places_get_at_one_moment_is_in_one(stocked: list[Process]) -> None:
    await asyncio.gather(
        stocked[0].receive(1, "heping", "S1"), stocked[1].receive(1, "nankai", "S1"), return_exceptions=True
    )
    levels = {level.place: level.on_hand for level in await levels_of(SKU)}

    assert levels["heping"] + levels["nankai"] == UNITS["heping"] + UNITS["nankai"] + 1

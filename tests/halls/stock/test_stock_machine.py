"""Whatever is done to stock, Redis, SQL and the model count alike; every step is taken and each refusal met.

The controls take one guard of the scripts away: then the same runs find it out.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from halls.stock import store
from tests.halls.stock.guards import GUARDS, deciding
from tests.halls.stock.machine import Stage, play
from tests.servers import RedisServer
from tests.stack import stack

pytestmark = pytest.mark.slow

SEEDS = {"sqlite": 6, "postgres": 3}
MOST_SEEDS = 20  # Some steps are rare: on the first database more are played until each has been taken.
EVENTS = {
    "stock.received", "stock.counted", "stock.damaged", "stock.transferred", "stock.held", "stock.extended",
    "stock.released", "stock.expired", "stock.allocated", "stock.deallocated", "stock.sold", "stock.returned",
}  # fmt: skip
REFUSALS = {"invalid", "out_of_stock", "stock_committed", "too_many_holds", "hold_ended", "allocation_ended"}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    redis = RedisServer(tmp_path / "redis")
    with asyncio.Runner() as runner:
        runner.run(redis.start())
        yield Stage(runner, redis, tmp_path)
        runner.run(redis.kill())


def test_whatever_is_done_redis_sql_and_the_model_count_alike(stage: Stage) -> None:
    for number in range(MOST_SEEDS):
        if number >= SEEDS[stack.database] and (is_complete(stage) or stack.database != "sqlite"):
            break
        play(stage, number)

    assert is_complete(stage) or stack.database != "sqlite"


@pytest.mark.sqlite
@pytest.mark.parametrize("guard", GUARDS)
def test_control_without_one_guard_the_model_finds_it_out(
    guard: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "DECIDE", deciding(*GUARDS[guard]))

    with pytest.raises(AssertionError):
        play(stage, *range(MOST_SEEDS))


def is_complete(stage: Stage) -> bool:
    return (stage.events, stage.refused) == (EVENTS, REFUSALS)

"""Whatever is done to stock, Redis, SQL and the model count alike; every step is taken and each refusal met.

The controls take one guard of the scripts away: then the same runs find it out.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from halls.stock import store
from tests.halls.stock.guards import GUARDS, deciding
from tests.halls.stock.machine import StockMachine
from tests.machines import Stage, play_all, staged, takes_every_step

pytestmark = pytest.mark.slow

LEAST = {"sqlite": 6, "postgres": 3}
EVENTS = {
    "stock.received", "stock.counted", "stock.damaged", "stock.transferred", "stock.held", "stock.extended",
    "stock.released", "stock.expired", "stock.allocated", "stock.deallocated", "stock.sold", "stock.returned",
}  # fmt: skip
REFUSALS = {"invalid", "out_of_stock", "stock_committed", "too_many_holds", "hold_ended", "allocation_ended"}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as stage:
        yield stage


def test_whatever_is_done_redis_sql_and_the_model_count_alike(stage: Stage) -> None:
    def complete() -> bool:
        return (stage.steps, stage.refused) == (EVENTS, REFUSALS)

    assert takes_every_step(StockMachine, stage, complete, LEAST)


@pytest.mark.sqlite
@pytest.mark.parametrize("guard", GUARDS)
def test_control_without_one_guard_the_model_finds_it_out(
    guard: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "DECIDE", deciding(*GUARDS[guard]))

    with pytest.raises(AssertionError):
        play_all(StockMachine, stage)

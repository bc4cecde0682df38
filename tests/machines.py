"""State machines of hypothesis over real backends: a loop and a Redis for all runs, a database for each."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from typing_extensions import override

from tests.servers import RedisServer
from tests.stack import stack

SEEDS: Final = range(20)
BOUNDED: Final = settings(
    max_examples=6,
    stateful_step_count=50,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # A run is a few seconds: making a failing one shorter takes minutes.
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Stage:
    """What the runs share, and what they met: steps that were taken, codes of refusals."""

    runner: asyncio.Runner
    redis: RedisServer
    folder: Path
    steps: set[Any] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    runs: Iterator[int] = field(default_factory=count)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage while the block runs."""
    redis = RedisServer(folder / "redis")
    with asyncio.Runner() as runner:
        runner.run(redis.start())
        yield Stage(runner, redis, folder)
        runner.run(redis.kill())


class Machine(RuleBasedStateMachine):
    """What is entered into `stack` ends with the run."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.stack = AsyncExitStack()
        self.run(self.begin(stage.folder / str(next(stage.runs))))

    @abstractmethod
    async def begin(self, folder: Path) -> None:
        """Begin a run, with what it keeps in the folder."""

    async def end(self) -> None:
        """Note on the stage what the run met."""

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.stage.runner.run(work)

    @override
    def teardown(self) -> None:
        self.run(self.end())
        self.run(self.stack.aclose())
        stack.sweep()


def play(machine: type[Machine], stage: Stage, number: int) -> None:
    """Some runs, for a number always the same ones. Raises AssertionError where service and model do not agree."""
    seeded = seed(number)(partial(machine, stage))
    run_state_machine_as_test(cast("type[Machine]", seeded), settings=BOUNDED)


def play_all(machine: type[Machine], stage: Stage) -> None:
    """So many runs that a guard which is taken away must be missed. Raises as `play`."""
    for number in SEEDS:
        play(machine, stage, number)


def takes_every_step(
    machine: type[Machine],
    stage: Stage,
    complete: Callable[[], bool],
    least: Mapping[str, int],
    seeds: Sequence[int] = SEEDS,
) -> bool:
    """Play the `least` number of seeds; on the first database as many more as rare steps take. Say if all were taken.

    On the second it is enough to show that it is no different.
    """
    every = stack.database == "sqlite"
    for played, number in enumerate(seeds):
        if played >= least[stack.database] and (complete() or not every):
            break
        play(machine, stage, number)
    return complete() or not every

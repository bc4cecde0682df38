"""How much each benchmark does. `o2o bench --set waiting=1000` changes one of them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

D = TypeVar("D", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Sizes:
    """`rounds` 0: as many as the figure has. `tail_s` is how long a round of the open load lasts."""

    rounds: int = 0
    round_s: float = 1.5
    warm_up_s: float = 1.0
    tail_s: float = 4.0
    connections: int = 64
    counters: int = 16
    tickets: int = 1_000
    waiting: int = 100_000
    halls: int = 1_000
    past: int = 100_000
    sockets: int = 2_000
    events: int = 10
    calls: int = 30


def changed(sizes: D, settings: Iterable[str]) -> D:
    """Take over `name=number` settings in a dataclass of numbers. Raises ValueError where one is none of its own."""
    kinds = {field.name: type(getattr(sizes, field.name)) for field in fields(sizes)}
    pairs = [setting.partition("=") for setting in settings]
    if unknown := [name for name, _, _ in pairs if name not in kinds]:
        raise ValueError(f"no size is called {', '.join(unknown)}; there are {', '.join(kinds)}")
    return replace(sizes, **{name: kinds[name](number) for name, _, number in pairs})

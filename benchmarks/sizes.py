"""How much each benchmark does. `o2o bench --set waiting=1000` changes one of them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Sizes:
    """`rounds` 0: as many as the figure has. `tail_s` is how long a round of the open load lasts."""

    rounds: int = 0
    round_s: float = 3.0
    warm_up_s: float = 1.0
    tail_s: float = 6.0
    connections: int = 64
    counters: int = 16
    tickets: int = 1_000
    waiting: int = 100_000
    halls: int = 1_000
    sockets: int = 2_000
    events: int = 10
    calls: int = 30

    def changed(self, settings: Iterable[str]) -> "Sizes":
        """Take over `name=number` settings. Raises ValueError where one is none of ours."""
        names = [field.name for field in fields(self)]
        pairs = [setting.partition("=") for setting in settings]
        if unknown := [name for name, _, _ in pairs if name not in names]:
            raise ValueError(f"no size is called {', '.join(unknown)}; there are {', '.join(names)}")
        changes: dict[str, Any] = {name: (float if name.endswith("_s") else int)(number) for name, _, number in pairs}
        return replace(self, **changes)

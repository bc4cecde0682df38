"""What a run of the faults has shown: a row for each test, kept in docs/faults.md."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from tests.faults.checker import Wrong, events, wrong_rows, wrongs
from tests.faults.operations import Known, Recorder
from tests.faults.people import Hall
from tests.faults.supervisor import disturb

FILE = Path(__file__).parents[2] / "docs" / "faults.md"
ENDS = {10: "<!-- rows end -->", 6: "<!-- displays end -->"}
"""The end of each table, by how many cells its rows have."""


class Watching(Protocol):
    """Who looks on at a run."""

    def step(self, done: int, of: int) -> None: ...

    def note(self, row: str) -> None: ...


WATCHING = pytest.StashKey[Watching]()


@dataclass
class Account:
    """One test's: how often it disturbs, what came of it, and its row. `thorough`: as often as the issue wants it."""

    name: str
    thorough: bool
    step: Callable[[int, int], None] = lambda _done, _of: None
    """Told how many of how many disturbances are done."""
    disturbances: int = 0
    silent_s: list[float] = field(default_factory=list)
    row: str = ""

    def times(self, quick: int, whole: int) -> Iterator[int]:
        count = whole if self.thorough else quick
        for n in range(count):
            self.step(n, count)
            yield n
            self.disturbances += 1

    async def disturb(self, hall: Hall, disturbance: Callable[[], Awaitable[object]]) -> None:
        """Do it to a hall that works, until it works again."""
        await hall.at_work()
        self.silent_s.append(await disturb(hall, disturbance))

    async def balance(self, hall: Hall) -> list[Wrong]:
        """All that is wrong with what the hall's people were answered; noted in the row."""
        url = hall.crowd.installation.environ["O2O_DATABASE_URL"]
        history = await events(url)
        found = [*hall.said, *wrongs(history, hall.recorder), *await wrong_rows(url, history)]
        self.note(hall.recorder, found)
        return found

    def note(self, recorder: Recorder, found: list[Wrong]) -> None:
        known = Counter(operation.known for operation in recorder.operations)
        kinds = Counter(wrong.kind for wrong in found)
        silent = f"{max(self.silent_s):.1f}" if self.silent_s else "–"
        figures = [self.disturbances, known[Known.OK], known[Known.FAILED], recorder.unknowns]
        figures += [kinds["lost"], kinds["doubled"], kinds["wrong"]]
        told = " | ".join(f"{figure:,}" for figure in figures)
        self.row = f"| {self.name} | {told} | {silent} | {recorder.longest_s:.1f} |"


def keep(rows: list[str], file: Path = FILE) -> None:
    """Put the rows in the place of those of the same tests; new ones come last in the table that they fit."""
    text = file.read_text()
    for row in rows:
        name = row.split(" | ")[0].partition(";")[0]
        old = next((line for line in text.splitlines() if line.startswith((f"{name} | ", f"{name};"))), None)
        end = ENDS[row.count(" |")]
        text = text.replace(old, row) if old else text.replace(end, f"{row}\n{end}")
    file.write_text(text)

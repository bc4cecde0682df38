"""`docs/engines.md`: the tables that were recorded last, in a page that people write; a test holds it to them."""

from pathlib import Path
from typing import Final

import msgspec

from benchmarks import marks

DOCS: Final = Path(__file__).parents[2] / "docs"
DATA: Final = DOCS / "engines.json"
PAGE: Final = DOCS / "engines.md"
PROGRAM: Final = "benchmarks.engines"


class Table(msgspec.Struct, frozen=True):
    heads: list[str]
    rows: list[list[str]]


class Measured(msgspec.Struct, frozen=True):
    """A table, its commit and day, how it was asked for, and the share of the machine that others used before it."""

    table: Table
    commit: str
    day: str
    settings: list[str]
    others: float

    def in_words(self) -> str:
        """Where it is from, with the command that gives it."""
        return f"{self.day}, commit `{self.commit}`; others had taken {self.others:.0%} of the machine."


def read() -> dict[str, Measured]:
    return msgspec.json.decode(DATA.read_bytes(), type=dict[str, Measured]) if DATA.exists() else {}


def record(name: str, measured: Measured) -> None:
    """Take this table over; the others stay as they were."""
    now = read() | {name: measured}
    DATA.write_bytes(msgspec.json.format(msgspec.json.encode(now, order="deterministic"), indent=1) + b"\n")
    PAGE.write_text(drawn(PAGE.read_text(), now))


def drawn(page: str, measured: dict[str, Measured]) -> str:
    return marks.drawn(page, PROGRAM, {name: text(name, one) for name, one in measured.items()})


def text(name: str, measured: Measured) -> str:
    command = " ".join(["python -m benchmarks.engines", name, *(f"--set {one}" for one in measured.settings)])
    return f"{marks.table(measured.table.heads, measured.table.rows)}\n`{command}`:\n{measured.in_words()}\n"

"""docs/engines.md says in its sentences what its tables have, and nothing else."""

from typing import Final

from benchmarks.engines import page
from benchmarks.marks import MARK
from benchmarks.sizes import Sizes
from o2o.kernel.archive import CHUNK
from o2o.kernel.postgres import CONNECTIONS
from tests.figures import NUMBER, missing, unbacked

TEXT: Final = page.PAGE.read_text()
RECORDED: Final = page.read()
OLD: Final = "an old ticket read; today's"


def ratio(table: str, name: str) -> float:
    return float(next(row[3] for row in RECORDED[table].table.rows if row[0] == name))


def visits(table: str, usual: int) -> int:
    asked = dict(setting.split("=") for setting in RECORDED[table].settings)
    return int(asked.get("past", usual))


def phrases() -> list[str]:
    seen = {row[0]: row[1] for row in RECORDED["sqlite"].table.rows}
    fewer, moving = (
        f"{1 - ratio('past', name):.0%}".replace("%", " %")
        for name in ("calls of the counters", "calls of the counters while it moves; while not")
    )
    return [
        f"{Sizes().connections} clients that ask again",
        f"the usual {CONNECTIONS} in the same round",
        f"moves {CHUNK:,} rows a second, and while",
        f"{CHUNK:,} rows a second are a small part",
        f"and calls made {fewer} fewer;",
        f"and calls made {moving} fewer,",
        f"takes {1 / ratio('past', OLD):.1f} times as long to read",
        f"in the hall takes {1 / ratio('past', 'what was done last in the hall'):.1f} times as long",
        f"{visits('sqlite', 1_000_000):,} visits are {seen['in SQL, GB']} GB",
        f"backup, {seen['`o2o backup`']} on that machine",
        f", {seen['`VACUUM`, nobody else there']}, during which",
    ]


def test_the_page_has_the_tables_that_were_recorded() -> None:
    assert page.drawn(TEXT, RECORDED) == TEXT


def test_the_page_has_a_place_for_each_table() -> None:
    assert [TEXT.count(MARK.format(name, page.PROGRAM)) for name in ("pool", "past", "sqlite")] == [1, 1, 1]


def test_the_page_says_what_was_recorded() -> None:
    assert missing(TEXT, phrases()) == []


def test_every_number_on_the_page_is_backed() -> None:
    assert unbacked(TEXT, phrases(), NUMBER) == []

"""Recorded days of halls at once, over two processes: nothing is lost, doubled or out of order.

The busiest day of three halls takes a minute and a half of a core: `make everywhere` plays it, where all recorded days
lie beside the project.
"""

import asyncio
from pathlib import Path

import pytest

from o2o.replay.moments import moments_of
from o2o.replay.recording import read_recording
from o2o.replay.run import Options, replay
from o2o.replay.selection import select_days
from tests.stack import ROOT, stack

SHARED = ROOT.parent / "shared/data/hall-days.csv.gz"
EXTRACT = ROOT / "o2o/replay/data/warsaw-extract.csv.gz"
THREE = ("UD_Bielany", "UD_Targowek", "UD_Ochota")

pytestmark = [pytest.mark.slow(90), pytest.mark.postgres]

BUSIEST = pytest.param(
    SHARED, THREE, marks=[pytest.mark.once, pytest.mark.skipif(not SHARED.exists(), reason="the recorded days")]
)


def test_the_readme_says_how_many_people_the_extract_has() -> None:
    days = select_days(read_recording(EXTRACT).days, ("all",), ())
    people = sum(len(moments_of(day).arrivals) for day in days)

    assert f"both halls of the extract ({people:,} people)" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize(("recorded", "halls"), [(EXTRACT, ("all",)), BUSIEST])
def test_everybody_got_a_number_in_order_and_nothing_was_lost(
    tmp_path: Path, recorded: Path, halls: tuple[str, ...]
) -> None:
    options = Options(recorded, halls=halls, database=stack.new_database(tmp_path), workers=2)
    report = asyncio.run(replay(options, say=lambda text: None))

    assert report.findings() == {name: [] for name in report.findings()} | {"refused": (), "called nobody": ()}
    assert len(report.setting.halls) == (2 if recorded == EXTRACT else 3)
    assert report.history.record is not None
    assert len(report.history.record) == report.tickets > 300

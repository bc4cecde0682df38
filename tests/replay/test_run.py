"""A recorded day played through a whole service of its own comes out right."""

import asyncio
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from o2o.cli import app
from o2o.replay.client import UnreachableError
from o2o.replay.own import free_port
from o2o.replay.plan import Shares
from o2o.replay.recording import RecordingError
from o2o.replay.report import Report, print_report
from o2o.replay.run import Options, replay
from o2o.replay.watch import DisplayWatch

EXTRACT = Path(__file__).parents[2] / "o2o/replay/data/warsaw-extract.csv.gz"
MANY_STRAY = Shares(absent=0.1, returned=0.1, deferred=0.1, left=0.1, phone=0.5)


@pytest.fixture(scope="module")
def report() -> Report:
    options = Options(EXTRACT, halls=("USC_Andersa",), shares=MANY_STRAY)
    return asyncio.run(replay(options, say=lambda text: None))


def test_a_database_that_would_be_left_behind_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["replay", str(EXTRACT), "--database", f"sqlite://{tmp_path / 'left.db'}"])

    assert done.exit_code == 2
    assert "a PostgreSQL database" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("option", "value"), [("--url", "hall.example"), ("--json", "nowhere/report.json")])
def test_an_option_that_makes_no_sense_is_refused_before_anything_is_played(
    option: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["replay", "no-such-file.csv", option, value])

    assert (done.exit_code, "Invalid value" in done.output) == (2, True)


async def test_a_day_on_which_nobody_came_is_not_played(tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text(
        "hall,date,time,queue,counters_open,waiting,last_number\nNorth,2020-01-13,08:00,1,0,0,\n", encoding="utf-8"
    )

    with pytest.raises(RecordingError, match="Nobody comes"):
        await replay(Options(file), say=lambda _text: None)


async def test_a_display_that_is_never_shown_anything_is_not_waited_for_for_ever() -> None:
    watch = DisplayWatch(f"http://127.0.0.1:{free_port()}", "heping", "token")

    with pytest.raises(UnreachableError, match="display"):
        async with asyncio.timeout(20):
            await watch.fresh(within=0.1)


@pytest.mark.slow
def test_everyone_got_a_number_in_order_and_nothing_was_lost(report: Report) -> None:
    assert report.findings() == {name: [] for name in report.findings()} | {"refused": (), "called nobody": ()}
    assert (report.tickets, report.verdict.skipped) == (245, 0)


@pytest.mark.slow
def test_a_display_ten_phones_http_and_sql_were_compared(report: Report) -> None:
    assert len(report.history.screens) == 1
    assert len(report.history.phones) == 10
    assert report.history.record is not None
    assert len(report.history.record) == 245


@pytest.mark.slow
def test_every_call_was_shown_on_the_display(report: Report) -> None:
    calls = [ack for ack in report.history.acks if ack.event == "ticket.called"]

    assert len(report.call_delays) == len(calls) > 245


@pytest.mark.slow
def test_the_report_says_what_was_seeded_and_found(report: Report) -> None:
    console = Console(file=StringIO(), width=200)
    with console.capture() as capture:
        print_report(report, console)

    assert "10% absent, 10% absent, then put back, 10% sent behind the others" in capture.get()
    assert "Nothing lost, nothing doubled, all in order" in capture.get()

"""A run's rows take the place of those of the run before."""

import re
from pathlib import Path

from tests.faults.__main__ import PLACES
from tests.faults.checker import Wrong
from tests.faults.operations import Known, Recorder
from tests.faults.report import ENDS, FILE, Account, keep


def test_a_row_says_what_came_of_it() -> None:
    recorder = Recorder()
    fine, late = recorder.invoke("/here"), recorder.invoke("/there")
    fine.known, fine.began, fine.ended = Known.OK, 1.0, 3.5
    late.known, late.unknowns = Known.UNKNOWN, 2
    account = Account("redis killed, sqlite", thorough=False, silent_s=[0.2, 1.24])
    assert list(account.times(3, 50)) == [0, 1, 2]

    account.note(recorder, [Wrong("lost", "one"), Wrong("lost", "another")])

    assert account.row == "| redis killed, sqlite | 3 | 1 | 0 | 2 | 2 | 0 | 0 | 1.2 | 2.5 |"


def test_the_last_run_of_each_test_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "faults.md"
    width, end = next(iter(ENDS.items()))
    rest = " | 0" * (width - 2) + " |"
    file.write_text(f"before\n{end}\nafter\n")

    for row in ("| a | 1", "| b | 2", "| a | 3"):
        keep([row + rest], file)

    assert file.read_text() == f"before\n| a | 3{rest}\n| b | 2{rest}\n{end}\nafter\n"


def test_a_run_of_all_faults_runs_every_test_that_the_page_names() -> None:
    root = FILE.parents[1]
    named = {root / name for name in re.findall(r"`(tests/\w+/test_\w+\.py)`", FILE.read_text())}
    places = [Path(place) for place in PLACES]

    assert len(named) > 10
    assert all(path.is_file() for path in named)
    assert {path for path in named if not any(path == place or place in path.parents for place in places)} == set()

"""Recordings are read whole or refused with the place of the fault."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from o2o.replay.recording import Fault, RecordingError, read_recording

EXTRACT = Path(__file__).parents[2] / "o2o/replay/data/warsaw-extract.csv.gz"
HEADING = "hall,date,time,queue,operating,counters_open,waiting,last_number,own_estimate_min\n"
LINE = "North,2020-01-13,{time},7,1,2,3,{number},60\n"


def written(path: Path, *rows: tuple[str, str]) -> Path:
    path.write_text(HEADING + "".join(LINE.format(time=time, number=number) for time, number in rows))
    return path


def test_the_extract_is_read_with_its_services() -> None:
    recording = read_recording(EXTRACT)

    assert Counter(day.hall for day in recording.days) == {"UD_Bielany": 19, "USC_Andersa": 19}
    assert [(one.queue, one.fault) for one in recording.left_out] == [("161", Fault.BACK)]
    assert next(day.service for day in recording.days if day.queue == "165") == "ODBIÓR PASZPORTÓW"


def test_a_plain_file_is_read_like_a_gzipped_one(tmp_path: Path) -> None:
    plain = written(tmp_path / "days.csv", ("08:00", "A001"), ("08:05", "A004"))
    packed = tmp_path / "days.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read_recording(plain) == read_recording(packed)


def test_a_day_whose_last_number_steps_back_is_left_out(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path / "days.csv", ("08:00", "A005"), ("08:05", "A004")))

    assert recording.days == ()
    assert recording.left_out[0].fault is Fault.BACK


def test_a_day_whose_last_number_jumps_by_more_than_twenty_is_left_out(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path / "days.csv", ("08:00", "A001"), ("08:05", "A022")))

    assert recording.left_out[0].fault is Fault.JUMP


def test_a_step_of_twenty_is_believed(tmp_path: Path) -> None:
    assert read_recording(written(tmp_path / "days.csv", ("08:00", "A001"), ("08:05", "A021"))).left_out == ()


def test_a_day_that_changes_its_letter_is_left_out(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path / "days.csv", ("08:00", "A001"), ("08:05", "B002")))

    assert recording.left_out[0].fault is Fault.LETTER


def test_snapshots_are_ordered_by_their_time(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path / "days.csv", ("08:05", "A002"), ("08:00", "A001")))

    assert [one.minute for one in recording.days[0].snapshots] == [480, 485]


def test_a_line_of_thousands_is_read(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    written(path, ("08:00", "A001"))
    path.write_text(path.read_text().splitlines()[0] + "\nNorth,2020-01-13,08:00,7,1,2,12000,A001,60\n")

    assert read_recording(path).days[0].snapshots[0].waiting == 12_000


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("North,2020-01-13,8:00,7,1,2,3,A001,60\n", "line 2, column time: '8:00' is no time of day"),
        ("North,13.01.2020,08:00,7,1,2,3,A001,60\n", "line 2, column date"),
        ("North,2020-01-13,08:00,7,1,-2,3,A001,60\n", "line 2, column counters_open: '-2' is no whole number"),
        ("North,2020-01-13,08:00,7,1,2000,3,A001,60\n", "line 2, column counters_open: 2000 is more than any hall has"),
        ("North,2020-01-13,08:00,7,1,2,many,A001,60\n", "line 2, column waiting"),
        (
            "North,2020-01-13,08:00,7,1,2,99999999,A001,60\n",
            "line 2, column waiting: 99999999 is more than any hall has",
        ),
        ("North,2020-01-13,08:00,7,1,2,3,12A,60\n", "line 2, column last_number"),
        (",2020-01-13,08:00,7,1,2,3,A001,60\n", "line 2, column hall: it is empty"),
        ("North,2020-01-13,08:00\n", "line 2: as many cells as columns"),
        ("", "holds no snapshot"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(HEADING + row)

    with pytest.raises(RecordingError, match=message):
        read_recording(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text("hall,date,time,queue,waiting\n")

    with pytest.raises(RecordingError, match="line 1: the heading lacks counters_open, last_number"):
        read_recording(path)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        read_recording(tmp_path / "nothing.csv")


def test_a_cut_gzip_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "days.csv.gz"
    path.write_bytes(EXTRACT.read_bytes()[:1000])

    with pytest.raises(RecordingError, match="damaged"):
        read_recording(path)

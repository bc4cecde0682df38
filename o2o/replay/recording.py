"""Recorded hall days: snapshots of every queue, read from a CSV file, plain or gzipped."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final, NoReturn

# Between two snapshots, five minutes apart, no hall calls more people than this: it is a fault of the recording.
MOST_CALLS_BETWEEN_SNAPSHOTS: Final = 20

_COLUMNS: Final = ("hall", "date", "time", "queue", "counters_open", "waiting", "last_number")
_SERVICE_COLUMNS: Final = ("queue", "hall", "service")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_NUMBER: Final = re.compile(r"([A-Za-z]{0,3})(\d{1,6})")
# Digits that a hall's numbers have at most; the busiest recorded queue had 12 counters, and 101 people.
_COUNTERS_DIGITS: Final = 3
_WAITING_DIGITS: Final = 5
_GZIP: Final = b"\x1f\x8b"


class RecordingError(Exception):
    """The recording cannot be read; the message says where and what to do."""


class Fault(StrEnum):
    """Why a queue's day is left out."""

    BACK = "the last number stepped back"
    JUMP = "the last number jumped by more than 20"
    LETTER = "the letter of the numbers changed"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the hall's own system said of one queue at one moment (minutes since midnight)."""

    minute: int
    counters: int
    waiting: int
    last: int | None


@dataclass(frozen=True, slots=True)
class QueueDay:
    hall: str
    date: str
    queue: str
    service: str
    prefix: str
    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    hall: str
    date: str
    queue: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Recording:
    days: tuple[QueueDay, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    hall: str
    date: str
    queue: str
    prefix: str
    snapshot: Snapshot


def read_recording(path: Path, services: Path | None = None) -> Recording:
    """Read all queues' days; those whose numbers cannot be followed are left out and told.

    `services` names the queues; by default it is hall-services.csv beside `path`, if there is one.
    Raises RecordingError.
    """
    beside = path.parent / "hall-services.csv"
    chosen = services or (beside if beside.exists() else None)
    names = _read_services(chosen) if chosen else {}
    gathered: dict[tuple[str, str, str], list[_Row]] = {}
    for row in _read_rows(path):
        gathered.setdefault((row.hall, row.date, row.queue), []).append(row)
    if not gathered:
        raise RecordingError(f"{path} holds no snapshot below its heading. Is it the right file?")
    return _sort_out(gathered, names)


def _sort_out(gathered: Mapping[tuple[str, str, str], list[_Row]], names: Mapping[tuple[str, str], str]) -> Recording:
    days: list[QueueDay] = []
    left_out: list[LeftOut] = []
    for (hall, date, queue), rows in sorted(gathered.items()):
        rows.sort(key=lambda row: row.snapshot.minute)
        fault = _fault_of(rows)
        if fault:
            left_out.append(LeftOut(hall, date, queue, fault))
            continue
        prefix = next((row.prefix for row in rows if row.snapshot.last is not None), "")
        name = names.get((hall, queue), f"Queue {queue}")
        days.append(QueueDay(hall, date, queue, name, prefix, tuple(row.snapshot for row in rows)))
    return Recording(tuple(days), tuple(left_out))


def _fault_of(rows: Iterable[_Row]) -> Fault | None:
    numbered = [(row.prefix, row.snapshot.last) for row in rows if row.snapshot.last is not None]
    steps = [later - earlier for (_, earlier), (_, later) in pairwise(numbered)]
    if any(step < 0 for step in steps):
        return Fault.BACK
    if any(step > MOST_CALLS_BETWEEN_SNAPSHOTS for step in steps):
        return Fault.JUMP
    return Fault.LETTER if len({prefix for prefix, _ in numbered}) > 1 else None


def _read_rows(path: Path) -> Iterator[_Row]:
    for line, cells in _read_table(path, _COLUMNS):
        try:
            yield _row(cells)
        except _CellError as error:
            raise RecordingError(f"{path}, line {line}, column {error.column}: {error}") from None


class _CellError(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def _row(cells: Mapping[str, str]) -> _Row:
    date = cells["date"]
    if not _DATE.fullmatch(date):
        raise _CellError("date", f"{date!r} is no date. Write it as 2020-01-13.")
    time = _TIME.fullmatch(cells["time"])
    if time is None:
        raise _CellError("time", f"{cells['time']!r} is no time of day. Write it as 08:05.")
    prefix, last = _last_number(cells["last_number"])
    for column in ("hall", "queue"):
        if not cells[column]:
            raise _CellError(column, "it is empty. Name the hall and the queue in every line.")
    snapshot = Snapshot(
        minute=int(time[1]) * 60 + int(time[2]),
        counters=_count(cells, "counters_open", _COUNTERS_DIGITS),
        waiting=_count(cells, "waiting", _WAITING_DIGITS),
        last=last,
    )
    return _Row(cells["hall"], date, cells["queue"], prefix, snapshot)


def _last_number(text: str) -> tuple[str, int | None]:
    if not text:
        return "", None
    number = _NUMBER.fullmatch(text)
    if number is None:
        raise _CellError("last_number", f"{text!r} is no ticket number. Write letters, then digits: A012.")
    return number[1].upper(), int(number[2])


def _count(cells: Mapping[str, str], column: str, digits: int) -> int:
    text = cells[column]
    if not text:
        return 0
    if not text.isascii() or not text.isdigit():
        raise _CellError(column, f"{text!r} is no whole number. Write digits only, or leave it empty.")
    if len(text.lstrip("0")) > digits:
        raise _CellError(column, f"{text} is more than any hall has. Write at most {digits} digits.")
    return int(text)


def _read_services(path: Path) -> dict[tuple[str, str], str]:
    names = {}
    for _, cells in _read_table(path, _SERVICE_COLUMNS):
        # The recording repeats the queue's letter before the name: "R: REJESTRACJA".
        bare = re.sub(r"^[A-Z]{1,2}: *", "", cells["service"]).strip()
        names[cells["hall"], cells["queue"]] = " ".join(bare.split()) or f"Queue {cells['queue']}"
    return names


def _read_table(path: Path, columns: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each line's number and its cells by column name."""
    try:
        text = _text_of(path)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read ({error}). Check the path and its rights.") from error
    except (EOFError, zlib.error, UnicodeDecodeError) as error:
        raise RecordingError(f"{path} is damaged ({error}). Get the file anew.") from error
    reader = csv.DictReader(text.splitlines(), strict=True)
    missing = sorted(set(columns) - set(reader.fieldnames or ()))
    if missing:
        _refuse_heading(path, missing)
    try:
        for cells in reader:
            if None in cells or None in cells.values():
                raise RecordingError(f"{path}, line {reader.line_num}: as many cells as columns are needed.")
            yield reader.line_num, cells
    except csv.Error as error:
        raise RecordingError(f"{path}, line {reader.line_num}: {error}. Check the quotation marks.") from error


def _refuse_heading(path: Path, missing: Iterable[str]) -> NoReturn:
    raise RecordingError(f"{path}, line 1: the heading lacks {', '.join(missing)}. Its names are fixed.")


def _text_of(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith(_GZIP):
        raw = gzip.decompress(raw)
    return raw.decode("utf-8-sig")

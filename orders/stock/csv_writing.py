"""Stock as a file for spreadsheets: UTF-8 with its mark, for Excel; nothing in it is taken for a formula. Pure."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from orders.stock.csv_reading import FORMULA

BOM: Final = "\ufeff"

Cell = str | int | None


def csv_file(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The file; numbers are numbers, and a text that a spreadsheet would run has a ' before it."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return (BOM + text.getvalue()).encode()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell

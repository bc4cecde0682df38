"""A file of stock as people make it in a spreadsheet: its lines, each with all that is wrong with it. Pure.

The first line names the columns, in either language and any order: `place`, `sku`, `quantity` (so many have come) or
`on_hand` (so many were counted), `reason`. Other columns are passed over, so that what was exported can come back.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from halls.fields import TEXT_PATTERN
from halls.stock.states import MOST
from o2o.kernel.errors import InvalidError, TooLargeError
from o2o.kernel.i18n import _
from orders.schemas import SKU

MOST_BYTES: Final = 256 * 1024
MOST_LINES: Final = 2000
LONGEST_REASON: Final = 80
TEXT: Final = re.compile(TEXT_PATTERN)
PLACE: Final = re.compile(r"[a-z0-9-]{1,40}")
NUMBER: Final = re.compile(r"([0-9]{1,9})(\.0+)?")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
COLUMNS: Final[Mapping[str, str]] = {
    "place": "place",
    "地点": "place",
    "网点": "place",
    "sku": "sku",
    "商品编码": "sku",
    "quantity": "quantity",
    "数量": "quantity",
    "入库数量": "quantity",
    "on_hand": "on_hand",
    "on hand": "on_hand",
    "counted": "on_hand",
    "实盘": "on_hand",
    "实盘数量": "on_hand",
    "现有": "on_hand",
    "reason": "reason",
    "原因": "reason",
}


class Fault(NamedTuple):
    """What is wrong in a column and what to do about it: a text with placeholders, and what fills them."""

    column: str
    message: str
    details: Mapping[str, Any] = {}


class Line(NamedTuple):
    """A line of the file; `number` counts as the spreadsheet does. Of `quantity` and `on_hand` a sound one has one."""

    number: int
    place: str
    sku: str
    quantity: int | None
    on_hand: int | None
    reason: str
    faults: tuple[Fault, ...] = ()

    @property
    def name(self) -> str:
        """What tells it from the file's other lines."""
        return f"{self.place}/{self.sku}/{'counted' if self.quantity is None else 'received'}"

    def at_fault(self, column: str, message: str, **details: Any) -> "Line":
        return self._replace(faults=(*self.faults, Fault(column, message, details)))


def decoded(content: bytes) -> str:
    """The file's text: UTF-8 with or without a mark, UTF-16 with one, else GB18030, which Chinese Excel writes.

    Raises TooLargeError, InvalidError.
    """
    if len(content) > MOST_BYTES:
        raise TooLargeError(_("The file is larger than %(limit)s bytes. Please split it."), limit=MOST_BYTES)
    marked = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for encoding in (marked, "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidError(_("This is no file of text. Save the sheet as “CSV UTF-8” and choose that file."), field="file")


def lines_of(text: str, place: str, reason: str = "") -> list[Line]:
    """The file's lines; where one names no place or reason it is this one. Raises InvalidError, TooLargeError."""
    rows = list(_rows(text))
    if not rows:
        raise InvalidError(
            _("The file is empty. Its first line names the columns: sku, quantity, reason."), field="text"
        )
    (_first, head), *rest = rows
    columns = [COLUMNS.get(_plain(cell).casefold(), "") for cell in head]
    _check(columns)
    if len(rest) > MOST_LINES:
        raise TooLargeError(_("The file has more than %(limit)s lines. Please split it."), limit=MOST_LINES)
    return _without_twins(
        [_line(number, dict(zip(columns, cells, strict=False)), place, reason) for number, cells in rest]
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that say something, with the line each ends on."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(text.lstrip("\ufeff").splitlines(keepends=True), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise InvalidError(
            _("Line %(line)s can't be read: a quotation mark is missing, or a cell is too long."),
            field="text",
            line=reader.line_num,
        ) from error


def _check(columns: list[str]) -> None:
    if "sku" not in columns or not {"quantity", "on_hand"} & set(columns):
        raise InvalidError(
            _("The first line must name the columns: sku, and quantity (received) or on_hand (counted)."), field="text"
        )
    named = [column for column in columns if column]
    if twice := next((column for column in named if named.count(column) > 1), None):
        raise InvalidError(_("The column “%(column)s” is there twice."), field="text", column=twice)


def _line(number: int, cells: Mapping[str, str], place: str, reason: str) -> Line:
    told = {column: _plain(cell) for column, cell in cells.items()}
    line = Line(
        number, told.get("place") or place, told.get("sku", "").lower(), None, None, told.get("reason") or reason
    )
    if not PLACE.fullmatch(line.place):
        line = line.at_fault(
            "place", _("“%(value)s” is no place. Write its id, such as heping."), value=line.place[:40]
        )
    if not SKU.fullmatch(line.sku):
        line = line.at_fault("sku", _("“%(value)s” is no SKU. Copy it from the list of stock."), value=line.sku[:40])
    return _reasoned(_numbered(line, told.get("quantity", ""), told.get("on_hand", "")))


def _numbered(line: Line, quantity: str, on_hand: str) -> Line:
    if quantity and on_hand:
        return line.at_fault("quantity", _("Fill in one of quantity and on_hand: what came, or what was counted."))
    if not quantity and not on_hand:
        return line.at_fault("quantity", _("Fill in how many came (quantity) or were counted (on_hand)."))
    column, value = ("quantity", quantity) if quantity else ("on_hand", on_hand)
    found = NUMBER.fullmatch(value)
    if found is None:
        return line.at_fault(column, _("“%(value)s” is no number of pieces. Write digits only."), value=value[:40])
    pieces, least = int(found[1]), 1 if quantity else 0
    if not least <= pieces <= MOST:
        return line.at_fault(column, _("It must be %(least)s to %(most)s."), least=least, most=MOST)
    return line._replace(quantity=pieces) if quantity else line._replace(on_hand=pieces)


def _reasoned(line: Line) -> Line:
    if len(line.reason) > LONGEST_REASON or (line.reason and not TEXT.fullmatch(line.reason)):
        return line.at_fault("reason", _("Shorten the reason to %(most)s characters on one line."), most=LONGEST_REASON)
    if line.on_hand is not None and not line.reason:
        return line.at_fault("reason", _("Say why, here or in “Reason for all lines”."))
    return line


def _without_twins(lines: list[Line]) -> list[Line]:
    first: dict[str, int] = {}
    for line in lines:
        first.setdefault(line.name, line.number)
    return [
        line
        if first[line.name] == line.number
        else line.at_fault("sku", _("The same is on line %(line)s. Put both into one line."), line=first[line.name])
        for line in lines
    ]


def _plain(cell: str) -> str:
    """A cell without the ' that keeps it from being a formula, wide digits and letters made narrow."""
    text = unicodedata.normalize("NFKC", cell).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text

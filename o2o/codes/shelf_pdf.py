"""Labels for shelves on A4 sheets: three in a row, each with its code, the product's name and the shelf."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Final, NamedTuple

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from o2o.codes.pdf import LATIN, LATIN_BOLD, SONG
from qr.draw import modules

MM: Final = 72 / 25.4
WIDTH: Final = 210
HEIGHT: Final = 297
COLUMNS: Final = 3
ROWS: Final = 6
CELL: Final = (63.5, 46.0)
MARGIN: Final = ((WIDTH - COLUMNS * CELL[0]) / 2, (HEIGHT - ROWS * CELL[1]) / 2)
CODE: Final = 34.0
PAD: Final = 1.5
INK: Final = 0.15
"""How dark the lines are by which labels are cut: 0 is black."""


class Label(NamedTuple):
    """`link` is what the code says; what is written holds for as long as the product is called so."""

    link: str
    names: tuple[str, str]
    place: str
    hall: str


def draw_labels(labels: Sequence[Label]) -> bytes:
    """As many sheets as it takes, black on white."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH * MM, HEIGHT * MM))
    canvas.setTitle(labels[0].hall if labels else "")
    registerFont(UnicodeCIDFont(SONG))
    for number, label in enumerate(labels):
        place = number % (COLUMNS * ROWS)
        if number and not place:
            canvas.showPage()
        row, column = divmod(place, COLUMNS)
        _label(canvas, label, MARGIN[0] + column * CELL[0], HEIGHT - MARGIN[1] - (row + 1) * CELL[1])
    canvas.save()
    return file.getvalue()


def _label(canvas: Canvas, label: Label, x: float, y: float) -> None:
    """One label, its lower left corner at (x, y) mm."""
    canvas.setLineWidth(0.3)
    canvas.setStrokeGray(1 - INK)
    canvas.rect(x * MM, y * MM, CELL[0] * MM, CELL[1] * MM)
    _code(canvas, label.link, x + PAD, y + CELL[1] - PAD - CODE)
    left, width = x + PAD + CODE + 1, CELL[0] - CODE - 2 * PAD - 1
    size, most = _of_the_shelf(label.place, width)
    _write(canvas, label.place, LATIN_BOLD, size, (left, y + CELL[1] - 9, width, most))
    zh, en = label.names
    _write(canvas, zh, LATIN, 10, (left, y + CELL[1] - 16, width, 4))
    _write(canvas, en, LATIN, 7, (x + PAD + 1, y + 6.5, CELL[0] - 2 * PAD - 2, 1))
    _write(canvas, label.hall, LATIN, 7, (x + PAD + 1, y + 2.5, CELL[0] - 2 * PAD - 2, 1))


def _of_the_shelf(place: str, width: float) -> tuple[float, int]:
    """In what size its name is written, and in how many lines at most: a long one smaller, before it is cut."""
    font = LATIN_BOLD if place.isascii() else SONG
    fits = (size for size in (15, 12, 10) if stringWidth(place, font, size) <= width * MM)
    return next(((size, 1) for size in fits), (8, 2))


def _write(canvas: Canvas, text: str, font: str, size: float, where: tuple[float, float, float, int]) -> None:
    """Lines from (left, top) mm down, in a width, at most so many; Chinese in the font that readers bring along."""
    left, top, width, most = where
    font = font if text.isascii() else SONG
    lines = [part for line in simpleSplit(text, font, size, width * MM) for part in _cut(line, font, size, width)]
    canvas.setFillGray(0)
    canvas.setFont(font, size)
    for number, line in enumerate(lines[:most]):
        cut = line[:-1] + "…" if number == most - 1 and len(lines) > most else line
        canvas.drawString(left * MM, top * MM - number * size * 1.25, cut)


def _cut(line: str, font: str, size: float, width: float) -> Iterator[str]:
    """A line that is too long still, for want of spaces (Chinese), in parts: it would reach the next code."""
    part = ""
    for sign in line:
        if part and stringWidth(part + sign, font, size) > width * MM:
            yield part
            part = ""
        part += sign
    yield part


def _code(canvas: Canvas, link: str, x: float, y: float) -> None:
    """The code with its quiet zone, as one path, so that no reader draws seams between its modules."""
    rows = modules(link)
    module = CODE * MM / len(rows)
    path = canvas.beginPath()
    for row, line in enumerate(reversed(rows)):
        for column, dark in enumerate(line):
            if dark:
                path.rect(x * MM + column * module, y * MM + row * module, module, module)
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)

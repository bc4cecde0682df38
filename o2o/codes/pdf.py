"""A poster as a PDF, without a browser.

Chinese is written in a font that PDF readers bring along themselves (Adobe's Song, named and not embedded), since a
Chinese font of our own would be larger than all of o2o. Who prints where it is missing gives a TrueType font, of which
the characters that are used are embedded.
"""

from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from o2o.codes.poster import Poster, Size, Words
from qr.draw import modules

SONG: Final = "STSong-Light"
GIVEN: Final = "Given"
LATIN: Final = "Helvetica"
LATIN_BOLD: Final = "Helvetica-Bold"
BOLD: Final = 0.025
"""Chinese has no bold here: a bold line gets an outline of this part of its size."""
FILLED: Final = 0
FILLED_AND_STROKED: Final = 2


class FontError(ValueError):
    """The font file can't be embedded."""


class Sheet(NamedTuple):
    """Measures in mm; sizes of type in pt. `steps_beside` puts the three steps in a row."""

    width: float
    height: float
    margin: float
    code: float
    name: float
    headline: float
    step: float
    steps_beside: bool


SHEETS: Final = {
    Size.A4: Sheet(210, 297, 18, 132, 34, 48, 17, steps_beside=True),
    Size.ROLL: Sheet(80, 170, 4, 68, 16, 20, 12, steps_beside=False),
}


class Column(NamedTuple):
    centre: float
    width: float


def draw_pdf(poster: Poster, size: Size, font: Path | None = None) -> bytes:
    """The poster, black on white, on one page. Raises FontError."""
    sheet, file = SHEETS[size], BytesIO()
    canvas = Canvas(file, pagesize=(sheet.width * mm, sheet.height * mm))
    canvas.setTitle(" · ".join(words.hall for words in poster.words))
    pen = _Pen(canvas, sheet, _given(font, poster) if font else _song())
    zh, en = poster.words
    _heads(pen, zh, en)
    pen.code(poster.link)
    pen.line(poster.address, sheet.step * 1.1, gap=0, bold=True)
    _steps(pen, zh, en)
    canvas.save()
    return file.getvalue()


def _heads(pen: "_Pen", zh: Words, en: Words) -> None:
    sheet = pen.sheet
    pen.line(zh.hall, sheet.name, gap=0, bold=True)
    if en.hall != zh.hall:
        pen.line(en.hall, sheet.name * 0.6)
    if zh.counter:
        pen.line(zh.counter, sheet.name * 0.8, gap=0.6, bold=True)
        pen.line(en.counter, sheet.name * 0.5)
    pen.line(zh.headline, sheet.headline, gap=0.6, bold=True)
    pen.line(en.headline, sheet.headline * 0.45, gap=0.5)


def _steps(pen: "_Pen", zh: Words, en: Words) -> None:
    """The steps in both languages: beside each other on a sheet, one under the other on a roll."""
    sheet = pen.sheet
    pen.skip(sheet.step)
    top = pen.y
    for place, (first, second) in enumerate(zip(zh.steps, en.steps, strict=True)):
        if sheet.steps_beside:
            pen.to(top, place, len(zh.steps))
            pen.line(str(place + 1), sheet.step * 1.8, gap=0, bold=True)
            pen.line(first, sheet.step, gap=0.6, bold=True)
        else:
            pen.line(f"{place + 1}  {first}", sheet.step, gap=0.7, bold=True)
        pen.line(second, sheet.step * 0.75)


class _Pen:
    """Writes from the top down, in the middle of a column; `y` is what is left above the lower edge, in points."""

    def __init__(self, canvas: Canvas, sheet: Sheet, chinese: str) -> None:
        self.sheet = sheet
        self.y = (sheet.height - sheet.margin) * mm
        self._canvas = canvas
        self._chinese = chinese
        self._column = self._of(0, 1)

    def to(self, y: float, place: int, columns: int) -> None:
        """Go on at `y`, in one of so many columns."""
        self.y, self._column = y, self._of(place, columns)

    def skip(self, points: float) -> None:
        self.y -= points

    def line(self, text: str, size: float, gap: float = 0.35, *, bold: bool = False) -> None:
        """A line, smaller where the column is too narrow, below a gap of this part of its size."""
        font = self._font(text, bold=bold)
        size *= min(1, self._column.width / max(stringWidth(text, font, size), 1))
        self.skip(size * (1 + gap))
        write = self._canvas.beginText()
        write.setFont(font, size)
        write.setTextOrigin(self._column.centre - stringWidth(text, font, size) / 2, self.y)
        if bold and font == self._chinese:
            self._canvas.setLineWidth(size * BOLD)
            write.setTextRenderMode(FILLED_AND_STROKED)
        write.textOut(text)
        write.setTextRenderMode(FILLED)
        self._canvas.drawText(write)

    def code(self, link: str) -> None:
        """The code with its quiet zone, as one path, so that no reader draws seams between its modules."""
        rows = modules(link)
        side = self.sheet.code * mm
        module, left = side / len(rows), self._column.centre - side / 2
        self.skip(side + self.sheet.step * 0.6)
        path = self._canvas.beginPath()
        for row, line in enumerate(reversed(rows)):
            for column, dark in enumerate(line):
                if dark:
                    path.rect(left + column * module, self.y + row * module, module, module)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def _font(self, text: str, *, bold: bool) -> str:
        """By what is written, not by its language: many a hall has one name for both."""
        if not text.isascii():
            return self._chinese
        return LATIN_BOLD if bold else LATIN

    def _of(self, place: int, columns: int) -> Column:
        margin = self.sheet.margin * mm
        width = (self.sheet.width * mm - 2 * margin) / columns
        return Column(margin + width * (place + 0.5), width * (1 if columns == 1 else 0.94))


def _song() -> str:
    registerFont(UnicodeCIDFont(SONG))
    return SONG


def _given(file: Path, poster: Poster) -> str:
    """Embed the font, if it has every character that will be written with it. Raises FontError."""
    try:
        font = TTFont(GIVEN, file)
    except (TTFError, OSError) as error:
        raise FontError(f"{file} can't be embedded: {error}. Use a TrueType font (.ttf or .ttc).") from error
    said = "".join(text for words in poster.words for text in (words.hall, words.counter, words.headline, *words.steps))
    if missing := sorted(sign for sign in set(said) if ord(sign) not in font.face.charToGlyph):
        raise FontError(f"{file} has no {' '.join(missing)}. Use a font with Chinese characters.")
    registerFont(font)
    return GIVEN

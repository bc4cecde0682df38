"""Letters and digits large enough to be read across a room: five points wide, seven high."""

from typing import Final

WIDTH: Final = 5
HEIGHT: Final = 7
# Each sign has seven rows of five points, one of 32 digits (0 to V) a row.
_FONT: Final = {
    "0": "EHJLPHE", "1": "4C4444E", "2": "EH1248V", "3": "V2421HE", "4": "26AIV22", "5": "VGU11HE", "6": "68GUHHE",
    "7": "V124888", "8": "EHHEHHE", "9": "EHHF12C", "A": "EHHVHHH", "B": "UHHUHHU", "C": "EHGGGHE", "D": "SIHHHIS",
    "E": "VGGUGGV", "F": "VGGUGGG", "G": "EHGNHHF", "H": "HHHVHHH", "I": "E44444E", "J": "72222IC", "K": "HIKOKIH",
    "L": "GGGGGGV", "M": "HRLLHHH", "N": "HHPLJHH", "O": "EHHHHHE", "P": "UHHUGGG", "Q": "EHHHLID", "R": "UHHUKIH",
    "S": "FGGE11U", "T": "V444444", "U": "HHHHHHE", "V": "HHHHHA4", "W": "HHHLLLA", "X": "HHA4AHH", "Y": "HHHA444",
    "Z": "V1248GV", " ": "0000000",
}  # fmt: skip
_HALVES: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def can_draw(text: str) -> bool:
    return all(sign in _FONT for sign in text)


def large(text: str) -> list[str]:
    """A point is two columns of one line."""
    return ["".join("██" if point else "  " for point in row) for row in _points(text)]


def small(text: str) -> list[str]:
    """A point is one column of half a line."""
    rows = [*_points(text), [False] * len(_points(text)[0])]
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_HALVES[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs]


def _points(text: str) -> list[list[bool]]:
    """Rows of points, dark ones true, with one column between the signs."""
    glyphs = [[int(digit, 32) for digit in _FONT[sign]] for sign in text]
    return [[point for glyph in glyphs for point in (*_row(glyph[row]), False)][:-1] for row in range(HEIGHT)]


def _row(bits: int) -> tuple[bool, ...]:
    return tuple(bool(bits >> place & 1) for place in reversed(range(WIDTH)))

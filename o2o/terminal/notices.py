"""What everybody has to know, above the calls: since when the line is away, and that the hall has stopped."""

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any

from rich.cells import chop_cells
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from booking.hall_wording import PAUSES
from o2o.kernel.i18n import LANGUAGES, translator


class Bar:
    """Sentences over the whole width, each in as many lines as it takes."""

    def __init__(self, mark: str, sentences: Iterable[str], style: str) -> None:
        self._mark = f" {mark} "
        self._sentences = sentences
        self._style = Style.parse(style)

    def lines(self, width: int) -> list[str]:
        room = max(1, width - 2 * len(self._mark))
        folded = [line for one in self._sentences for line in _folded(one, room)]
        return [(self._mark if nth == 0 else " " * len(self._mark)) + line for nth, line in enumerate(folded)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for line in self.lines(options.max_width):
            text = Text(line)
            text.truncate(options.max_width, pad=True)
            yield Segment(text.plain, self._style)
            yield Segment.line()


def paused_words(pause: Mapping[str, Any]) -> list[str]:
    """What the hall has stopped in both languages: its manager's words, else ours; once where they are the same."""
    ours = PAUSES[not pause["calling"]]
    said = pause["message"] or {language: translator(language)(ours) for language in LANGUAGES}
    return list(dict.fromkeys(said[language] for language in LANGUAGES))


def _folded(sentence: str, room: int) -> list[str]:
    """Between words, where there are any."""
    return wrap(sentence, room) if sentence.isascii() else chop_cells(sentence, room)

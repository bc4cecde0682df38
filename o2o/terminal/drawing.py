"""How the terminal's display looks, from a narrow window to a television. Texts are the page's own."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from rich.align import Align
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.layout import Layout
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from o2o.board import Board
from o2o.kernel.i18n import Translator, _
from o2o.terminal import glyphs
from o2o.terminal.announcer import Call
from o2o.terminal.notices import Bar, paused_words
from o2o.terminal.screen import Phase, Screen

WIDE: Final = 100
TALL: Final = 22
NEXT_SHOWN: Final = 3
EDGE: Final = 8
ARROW: Final = "→"
STYLES: Final = {Phase.CALLING: "bold green", Phase.PAST: "dim", Phase.QUIET: "dim"}


class Picture:
    """A screen as rich draws it: over the whole terminal, or as plain lines in a file or pipe."""

    def __init__(self, screen: Screen, texts: Translator) -> None:
        self._screen = screen
        self._texts = texts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        board = self._screen.board
        if board is None:
            yield Align.center(Text(self._texts(_("Connecting …")), style="dim"), vertical="middle")
            return
        width, height = options.max_width, options.height or console.height
        drawn = _Drawing(board, self._screen, self._texts)
        if not console.is_terminal:
            yield Group(*drawn.notices(), drawn.heading(), *drawn.lines(), drawn.calls(), drawn.queue())
        elif width >= WIDE and height >= TALL:
            yield drawn.wide(width, height)
        else:
            yield drawn.narrow(width, height)


class _Drawing:
    def __init__(self, board: Board, screen: Screen, texts: Translator) -> None:
        self._board = board
        self._texts = texts
        self._screen = screen
        self._zone = ZoneInfo(board.hall["time_zone"])
        self._phase, self._large = screen.large()

    def wide(self, width: int, height: int) -> RenderableType:
        """Two thirds for the call, one third for the last ones, and under both who is next."""
        notices, lines = self.notices(), len(self._board.next) + 3
        body = Layout(ratio=1)
        left = Layout(self.calling(2 * width // 3 - EDGE, height - lines - EDGE), ratio=2)
        body.split_row(left, Layout(Panel(self.calls(), border_style="dim"), ratio=1))
        whole = Layout()
        tops = [Layout(notice, size=len(notice.lines(width))) for notice in notices]
        foot = Layout(Panel(self.queue(), border_style="dim"), size=lines)
        whole.split_column(*tops, Layout(self.heading(), size=2), body, foot)
        return whole

    def narrow(self, width: int, height: int) -> RenderableType:
        """One under the other."""
        room = max(3, height - len(self._board.next) - 14)
        return Group(*self.notices(), self.heading(), self.calling(width - EDGE, room), self.calls(), self.queue())

    def heading(self) -> RenderableType:
        row = Table.grid(expand=True, padding=(0, 1))
        row.add_column(ratio=1)
        row.add_column(justify="right")
        now = self._screen.now.astimezone(self._zone)
        row.add_row(Text(self._named(self._board.hall), style="bold"), Text(f"{now:%H:%M}", style="bold"))
        row.add_row(Text(_address(self._board), style="dim"), "")
        return row

    def notices(self) -> list[Bar]:
        """What everybody has to know: the line is away since when, the hall has stopped something."""
        said: list[Bar] = []
        if since := self._screen.stale_since:
            stale = self._texts(_("No connection. As of"))
            said.append(Bar("!", [f"{stale} {since.astimezone(self._zone):%H:%M}"], "bold white on red"))
        if pause := self._board.pause:
            said.append(Bar("‖", paused_words(pause), "bold black on yellow"))
        return said

    def calling(self, width: int, height: int) -> RenderableType:
        style = STYLES[self._phase]
        if not self._large:
            welcome = Text(self._texts(_("Welcome")), style="bold")
            content: RenderableType = Group(Align.center(welcome), Align.center(Text(self._how_to_join(), style="dim")))
        elif len(self._large) == 1:
            content = self._one(self._large[0], style, (width, height))
        else:
            content = Group(*(self._row(call, style, (width, height)) for call in self._large))
        return Panel(Align.center(content, vertical="middle"), border_style=style, padding=(1, 2))

    def lines(self) -> Iterator[RenderableType]:
        """Who is called, in plain words."""
        for call in self._large:
            yield Text(f"{call['number']}  {ARROW}  {self._counter(call)}")

    def calls(self) -> RenderableType:
        table = Table(title=self._texts(_("Last called")), **_PLAIN)
        table.add_column(style="bold")
        table.add_column()
        for call in self._screen.before(self._large):
            table.add_row(Text(call["number"]), Text(self._counter(call)))
        return table

    def queue(self) -> RenderableType:
        table = Table(title=self._texts(_("Next")), **_PLAIN)
        table.add_column(ratio=1, no_wrap=True)
        table.add_column(justify="right", style="dim")
        table.add_column(no_wrap=True, style="bold")
        for line in self._board.next:
            waiting = self._board.waiting.get(line["service"], 0)
            said = self._texts.ngettext("%(num)s waiting", "%(num)s waiting", waiting) % {"num": waiting}
            numbers = "  ".join(line["numbers"][:NEXT_SHOWN]) or "–"
            table.add_row(Text(self._named(line)), said if waiting else "", Text(numbers))
        return table

    def _one(self, call: Call, style: str, room: tuple[int, int]) -> RenderableType:
        """A number as large as there is room for, and where to go."""
        number = [Align.center(Text(line, style=style, no_wrap=True)) for line in _large(call["number"], room)]
        counter = Text(f"  {ARROW} {self._counter(call)}  ", style=f"{style} reverse")
        return Group(*number, Text(), Align.center(counter))

    def _row(self, call: Call, style: str, room: tuple[int, int]) -> RenderableType:
        """One of several that are shown together."""
        height = room[1] // len(self._large)
        row = Table.grid(padding=(0, 3))
        row.add_row(
            Text("\n".join(_large(call["number"], (room[0] // 2, height))), style=style, no_wrap=True),
            Align(Text(f" {ARROW} {self._counter(call)} ", style=f"{style} reverse"), vertical="middle"),
        )
        return Padding(row, (0, 0, 1 if height > glyphs.HEIGHT // 2 else 0, 0))

    def _counter(self, call: Call) -> str:
        names = {counter["id"]: str(counter["name"]) for counter in self._board.hall["counters"]}
        return self._texts(_("Counter %(counter)s"), counter=names.get(call["counter"], call["counter"]))

    def _named(self, named: dict[str, Any]) -> str:
        return str(named["names"][self._texts.language])

    def _how_to_join(self) -> str:
        return self._texts(_("Take a number with your phone: open %(address)s"), address=_address(self._board))


_PLAIN: Final[dict[str, Any]] = {
    "box": None,
    "expand": True,
    "padding": (0, 1),
    "show_header": False,
    "title_justify": "left",
    "title_style": "dim",
}


def _large(number: str, room: tuple[int, int]) -> Sequence[str]:
    """The number in the largest of three sizes that fits into so many columns and lines."""
    width, height = room
    if glyphs.can_draw(number):
        for draw in (glyphs.large, glyphs.small):
            lines = draw(number)
            if len(lines[0]) <= width and len(lines) <= height:
                return lines
    return [number]


def _address(board: Board) -> str:
    """What one types to join: the hall's page at the service's own address."""
    return f"{urlsplit(board.hall['join_url']).netloc}/halls/{board.hall['id']}"

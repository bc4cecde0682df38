"""Tables in a page that is written by people: each stands between two marks, and is drawn anew from what was seen."""

from collections.abc import Iterable, Mapping
from typing import Final

MARK: Final = "<!-- {} by {} -->\n"


def drawn(page: str, program: str, tables: Mapping[str, str]) -> str:
    """The page with each of the program's tables between its marks."""
    for name, table in tables.items():
        begin, end = MARK.format(name, program), MARK.format(f"end of {name}", program)
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{table}\n{end}{after}"
    return page


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"

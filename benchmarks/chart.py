"""The chart of `docs/performance.md`: how much of its goal each figure reaches."""

import re
import sys
from collections.abc import Sequence
from typing import Final

import pygal
from pygal.style import Style

from benchmarks.figures import Figure

# pygal's finder of maps that nobody installed speaks a protocol that Python warns of at every module it doesn't find.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

COMMENT: Final = re.compile("<!--.*?-->")  # The library says in one what day it is.
MOST_SHOWN: Final = 2.0
HEAD, ROW = 130, 32  # pixels
STYLE: Final = Style(
    background="white",
    plot_background="white",
    colors=("#1a7f5a", "#c2410c"),
    font_family="system-ui, sans-serif",
    label_font_size=14,
    major_label_font_size=14,
    legend_font_size=14,
    title_font_size=16,
)


def draw(figures: Sequence[Figure]) -> str:
    """An SVG without a script. 1 is the goal; what reaches more than twice its goal ends at 2."""
    chart = pygal.HorizontalStackedBar(
        style=STYLE,
        js=(),
        no_prefix=True,
        pretty_print=True,
        title="How much of its goal each figure reaches (1 is the goal)",
        width=900,
        height=HEAD + ROW * len(figures),
        range=(0, MOST_SHOWN),
        y_labels=[0, 0.5, 1, 1.5, MOST_SHOWN],
        y_labels_major=[1],
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        print_values=False,
    )
    rows = list(reversed(figures))
    chart.x_labels = [figure.name for figure in rows]
    chart.add("reached", [min(figure.reach, MOST_SHOWN) if figure.reached else None for figure in rows])
    chart.add("missed", [None if figure.reached else figure.reach for figure in rows])
    text: str = COMMENT.sub("", chart.render(is_unicode=True))
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"

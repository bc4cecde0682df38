"""Every benchmark there is, in the order in which they are shown."""

from collections.abc import Mapping
from typing import Final

from benchmarks import availability, buying, calling, depth, glass, issuing, live, past, reads, tail
from benchmarks.figures import Benchmark

_THEMES: Final = (issuing, calling, reads, depth, live, glass, tail, past, availability, buying)

BENCHMARKS: Final[Mapping[str, Benchmark]] = {one.name: one for theme in _THEMES for one in theme.BENCHMARKS}

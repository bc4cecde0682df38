"""Opening hours as people type and read them. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from halls.hours import Span
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _

SPAN: Final = re.compile(r"(\d{1,2})(?:[:：.](\d{2}))?\s*(?:[-–—−~～至到]+|to)\s*(\d{1,2})(?:[:：.](\d{2}))?")
BETWEEN: Final = re.compile(r"[\s,，、;；]*")
NEVER: Final = frozenset({"", "-", "–", "closed", "关门", "休息", "不营业"})


def spans_of(text: str, *, field: str) -> list[list[str]]:
    """The hours that somebody typed: "9-12, 13:00–17:30"; "closed" and nothing are none. Raises InvalidError."""
    spans, rest = [], text.strip()
    while rest.casefold() not in NEVER:
        found = SPAN.match(rest)
        if found is None:
            raise InvalidError(_("Write hours like 09:00–12:00, 13:00–17:30, or the word closed."), field=field)
        start, start_minutes, end, end_minutes = found.groups("00")
        spans.append([f"{start:0>2}:{start_minutes}", f"{end:0>2}:{end_minutes}"])
        rest = BETWEEN.sub("", rest[found.end() :], count=1)
    return spans


def text_of(spans: Sequence[Span]) -> str:
    return ", ".join(f"{start}–{end}" for start, end in spans)

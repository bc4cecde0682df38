"""Figures in a page's sentences: each must be in a phrase that was made of what the code or a record says."""

import re
from collections.abc import Iterable

_DRAWN = re.compile(r"<!-- (\w+) by ([\w.]+) -->.*?<!-- end of \1 by \2 -->", re.DOTALL)
_BLOCK = re.compile(r"^    .*$", re.MULTILINE)
_CODE = re.compile(r"`[^`]*`")
_TARGET = re.compile(r"\]\([^)]*\)")
NUMBER = re.compile(r"(?<![\w.-])\d[\d,.]*\d|(?<![\w.-])\d")
MEASURE = re.compile(r"(?<![\w.-])\d[\d,.]* (?:%|s|ms|min|h|MiB|MB|kB|GB|seconds|minutes|hours|days|rows)(?!\w)")


def prose(page: str) -> str:
    """The page on one line, without tables that a program drew, examples, code and the targets of links."""
    for pattern in (_DRAWN, _BLOCK, _CODE, _TARGET):
        page = pattern.sub(" ", page)
    return " ".join(page.split())


def missing(page: str, phrases: Iterable[str]) -> list[str]:
    """Phrases that the page does not have."""
    text = prose(page)
    return [phrase for phrase in phrases if phrase not in text]


def unbacked(page: str, phrases: Iterable[str], figure: re.Pattern[str]) -> list[str]:
    """Figures of the page that are in none of the phrases, with what stands before them."""
    text = prose(page)
    for phrase in sorted(phrases, key=len, reverse=True):
        text = text.replace(phrase, " ")
    return [text[max(0, found.start() - 30) : found.end()] for found in figure.finditer(text)]

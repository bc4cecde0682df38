"""The words that a product is found by, and those that somebody looks for. Pure.

Chinese has no spaces, and neither database cuts it into words alike everywhere, so we cut it: single characters and
pairs. 手机 is a pair of 苹果手机壳. Of other writing a word is found by its beginning, and so are its letters and its
digits apart: x2 and 200 find X200.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from halls.search import folded

MOST_WORDS: Final = 12
"""Of what somebody looks for; nobody types more to find one thing."""
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN: Final = re.compile(rf"([{_HAN}]+)|[^\W_{_HAN}]+")
_PART: Final = re.compile(r"\d+|[^\W\d_]+")


class Word(NamedTuple):
    """One word that is looked for; `whole`: not only its beginning."""

    text: str
    whole: bool


def words_to_keep(texts: Iterable[str]) -> str:
    """What the column `searched` holds for these texts: each word once, a space between."""
    return " ".join(dict.fromkeys(word for text in texts for word in _kept(text)))


def words_to_find(text: str) -> list[Word]:
    """What must all be among a product's words; nothing for a text without letters or digits."""
    return list(dict.fromkeys(word for run in _runs(text) for word in _wanted(run)))[:MOST_WORDS]


def _kept(text: str) -> Iterator[str]:
    for run in _runs(text):
        if run[1]:
            yield from run[0]
            yield from _pairs(run[0])
        else:
            yield run[0]
            yield from _PART.findall(run[0])


def _wanted(run: re.Match[str]) -> Iterator[Word]:
    text = run[0]
    if not run[1]:
        yield Word(text, whole=False)
    elif len(text) == 1:
        yield Word(text, whole=True)
    else:
        yield from (Word(pair, whole=True) for pair in _pairs(text))


def _pairs(characters: str) -> list[str]:
    return [characters[place : place + 2] for place in range(len(characters) - 1)]


def _runs(text: str) -> Iterator[re.Match[str]]:
    return _RUN.finditer(folded(text))

"""Words that people type, and the texts of a hall that they may mean. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_OR_NOT: Final = re.compile(rf"([{_HAN}]+)|[^\W{_HAN}]+")


def folded(text: str) -> str:
    """Full-width letters, ligatures and capitals all alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> list[re.Pattern[str]]:
    """What is looked for: Chinese apart from other letters, without punctuation.

    Chinese is found with characters left out between: 天津和平 is 天津市和平区.
    """
    found = _HAN_OR_NOT.finditer(folded(text))
    return [re.compile(_in_this_order(word[0]) if word[1] else f".*?{re.escape(word[0])}") for word in found]


def has_all(texts: Sequence[str], words: Sequence[re.Pattern[str]]) -> bool:
    """Whether each word is in one of the texts, which are folded already."""
    return all(any(word.match(text) for text in texts) for word in words)


def _in_this_order(characters: str) -> str:
    """Atomic groups never try again, so that nobody can type what takes for ever."""
    return "".join(f"(?>.*?{character})" for character in characters)

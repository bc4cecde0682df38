"""Words that people type, and the texts of a hall that they may mean. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD: Final = re.compile(rf"[{_HAN}]+|[^\W{_HAN}]+")
_ONLY_HAN: Final = re.compile(rf"[{_HAN}]+")


def folded(text: str) -> str:
    """Full-width letters, ligatures and capitals all alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> list[str]:
    """What is looked for: Chinese apart from other letters, without punctuation."""
    return _WORD.findall(folded(text))


def has_all(texts: Sequence[str], words: Iterable[str]) -> bool:
    """Whether each word is in one of the texts, which are folded already."""
    return all(any(_is_in(word, text) for text in texts) for word in words)


def _is_in(word: str, text: str) -> bool:
    """Chinese is found with characters left out between: 天津和平 is 天津市和平区."""
    if word in text:
        return True
    rest = iter(text)
    return _ONLY_HAN.fullmatch(word) is not None and all(character in rest for character in word)

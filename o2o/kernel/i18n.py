"""Languages: zh-CN and en, from the gettext catalogues in locales/. English texts are the message ids."""

import io
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import HTTPConnection

LANGUAGES: Final[Mapping[str, str]] = {"zh-CN": "zh_CN", "en": "en"}
"""Language tag, as browsers write it, to the catalogue's folder."""
DEFAULT: Final = "zh-CN"
LANG: Final = "lang"
"""Of a query string and of the cookie: the reader's language."""
FOLDER: Final = Path(__file__).parents[2] / "locales"
SOURCES: Final = {
    language: (FOLDER / folder / "LC_MESSAGES" / "o2o.po").read_bytes() for language, folder in LANGUAGES.items()
}
"""Read with the code, so that they are of one version with it."""
NUMBERED: Final = re.compile(r"([^\d\s}>]) 号(?=柜台)")
"""A counter that is said to have a number and has a name; what is still to be filled in is left alone."""
MAX_ACCEPTED: Final = 20  # Nobody reads more languages; a longer header is not worth sorting.
LONGEST: Final = 500  # Characters of them. A thousand headers are remembered.


def _(message: str) -> str:
    """Mark a text for the catalogues where it is written; it is translated where it is read."""
    return message


class Translator:
    """One language's texts."""

    def __init__(self, language: str, catalogue: GNUTranslations) -> None:
        self.language = language
        self.gettext = catalogue.gettext
        self.ngettext = catalogue.ngettext

    def __call__(self, message: str, **values: Any) -> str:
        return self.fill(message, values)

    def fill(self, message: str, values: Mapping[str, Any]) -> str:
        """The text in this language, its `%(name)s` placeholders filled."""
        return named(self.gettext(message) % values)


def named(text: str) -> str:
    """The text as Chinese says a counter's name: 「3 号柜台」, but 「VIP 柜台」 and 「企业客户柜台」."""
    return NUMBERED.sub(lambda found: found[1] + " " * found[1].isascii(), text)


@cache
def translator(language: str) -> Translator:
    """Compiled from the .po in memory, once a process, so that no compiled file can be older than its source."""
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(SOURCES[language]), locale=LANGUAGES[language]))
    compiled.seek(0)
    return Translator(language, GNUTranslations(compiled))


def language_of(connection: HTTPConnection[Any]) -> str:
    """The reader's language: `?lang=`, then the cookie, then Accept-Language, then Chinese."""
    asked = connection.query_params.get(LANG) if connection.scope["query_string"] else None
    for wish in (asked, connection.cookies.get(LANG)):
        if wish and wish in LANGUAGES:
            return wish
    return _accepted(connection.headers.get("accept-language", "")[:LONGEST])


def translator_for(connection: HTTPConnection[Any]) -> Translator:
    return translator(language_of(connection))


def _preference(part: str) -> tuple[float, str]:
    tag, _semicolon, quality = "".join(part.lower().split()).partition(";q=")
    try:
        return float(quality or 1), tag
    except ValueError:
        return 0.0, tag


@lru_cache(maxsize=1000)
def _accepted(header: str) -> str:
    wishes = [_preference(part) for part in header.split(",")[:MAX_ACCEPTED]]
    for quality, tag in sorted(wishes, key=lambda wish: -wish[0]):
        primary = tag.split("-")[0]
        if quality > 0 and primary in {"zh", "en"}:
            return "zh-CN" if primary == "zh" else "en"
    return DEFAULT

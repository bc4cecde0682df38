"""Bring locales/ up to what the code and the templates say: python -m scripts.catalogues (make catalogues).

New texts arrive untranslated in zh_CN and as themselves in en; texts nobody uses any more go. Lines of source are not
recorded, nor the moment, so that a catalogue changes only when a text does.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parents[1]
LOCALES: Final = ("zh_CN", "en")
METHODS: Final = [
    ("**/migrations/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.svg", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
PACKAGES: Final = ("o2o", "booking", "halls", "messages", "orders", "qr", "staff", "websocket")
OPTIONS: Final = {"**/templates/**": {"newstyle_gettext": "true", "trimmed": "true"}}


def catalogue_file(locale: str) -> Path:
    return ROOT / "locales" / locale / "LC_MESSAGES" / "o2o.po"


def read_catalogue(locale: str) -> Catalog:
    with catalogue_file(locale).open("rb") as file:
        return read_po(file, locale=locale)


def extracted() -> Catalog:
    """Return every text that code and templates mark."""
    template = Catalog(project="o2o", charset="utf-8")
    for package in PACKAGES:
        for _, _, text, comments, context in extract_from_dir(
            ROOT / package, METHODS, OPTIONS, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            template.add(text, auto_comments=comments, context=context)
    return template


def missing(locale: str, template: Catalog) -> Iterator[str]:
    """Yield what is wrong with a catalogue: a text that it lacks, left open, or is unsure about."""
    catalogue = read_catalogue(locale)
    for wanted in template:
        message = catalogue.get(wanted.id) if wanted.id else None
        if not wanted.id:
            continue
        if message is None:
            yield f"{locale} lacks {wanted.id!r}"
        elif not all(message.string if isinstance(message.string, tuple) else [message.string]):
            yield f"{locale} leaves {wanted.id!r} open"
        elif message.fuzzy:
            yield f"{locale} is unsure about {wanted.id!r}"
        else:
            yield from (f"{locale} {wanted.id!r}: {error}" for error in message.check(catalogue))
    unused = {message.id for message in catalogue if message.id} - {message.id for message in template}
    yield from (f"{locale} has {text!r}, which nothing says" for text in sorted(map(str, unused)))


def update(locale: str, template: Catalog) -> None:
    """Write a catalogue anew: what it said stays, unused texts go, English texts are their own translation."""
    catalogue = read_catalogue(locale)
    made = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.creation_date = made
    catalogue.obsolete.clear()
    for message in catalogue if locale == "en" else ():
        if message.id and not any(message.string or ()):
            message.string = message.id
    with catalogue_file(locale).open("wb") as file:
        write_po(file, catalogue, omit_header=False, no_location=True, sort_output=True, width=110)


if __name__ == "__main__":
    texts = extracted()
    for language in LOCALES:
        update(language, texts)

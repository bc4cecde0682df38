"""Every text exists in both languages."""

import pytest

from scripts.catalogues import LOCALES, extracted, missing


def test_the_texts_of_code_and_templates_are_found() -> None:
    texts = {str(message.id) for message in extracted()}

    assert "Take a number" in texts


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_translated(locale: str) -> None:
    assert list(missing(locale, extracted())) == []

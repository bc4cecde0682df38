"""Every purpose has its words in both languages, and nothing that fills them can become more than words."""

from pathlib import Path

import pytest

from messages.rendering import address_of, written
from messages.schemas import Link
from messages.states import NEEDS, Purpose
from o2o.kernel.i18n import LANGUAGES
from tests.messages.conftest import SIGNER
from tests.messages.samples import SAMPLES

TEMPLATES = Path(__file__).parents[2] / "messages" / "templates" / "messages"
BASE = "https://hall.example"
RIGHT = Link("/o/order-1", right="order", of="order-1")


def test_each_purpose_has_a_template_and_says_what_it_needs() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.txt")} == set(Purpose) == set(NEEDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", Purpose)
def test_a_text_needs_no_more_than_it_says_and_leaves_nothing_out(purpose: Purpose, language: str) -> None:
    params = {name: SAMPLES[name] for name in NEEDS[purpose]}

    subject, text = written(purpose, language, params, f"{BASE}/o/1")

    assert "\n" not in subject
    assert len(subject) <= 80
    assert text.endswith(f"\n{BASE}/o/1")
    assert all(value in text for value in params.values())
    assert text.isascii() is False or language == "en"


@pytest.mark.parametrize("purpose", Purpose)
def test_the_languages_differ(purpose: Purpose) -> None:
    chinese, english = (written(purpose, language, SAMPLES, None) for language in LANGUAGES)

    assert chinese.subject != english.subject
    assert chinese.text != english.text


def test_a_name_is_written_as_it_is_and_not_as_a_page_would() -> None:
    _, text = written(Purpose.DELIVERED, "en", {"items": 'Tom & Jerry <"13">'}, None)

    assert 'Tom & Jerry <"13">' in text


def test_a_name_makes_no_line_of_its_own() -> None:
    sly = {"items": "Case\r\nBcc: all@customer.test\n\u2028\x00next"}

    subject, text = written(Purpose.DELIVERED, "en", sly, None)

    assert subject == "Delivered: Case Bcc: all@customer.test next"
    assert len(text.splitlines()) == 1


def test_a_link_carries_the_right_to_its_page() -> None:
    token = SIGNER.token("order", "order-1")

    assert address_of(RIGHT, BASE, SIGNER) == f"{BASE}/o/order-1?k={token}"
    assert address_of(Link("/p/case?hall=heping", right="order", of="1"), BASE, SIGNER) == (
        f"{BASE}/p/case?hall=heping&k={SIGNER.token('order', '1')}"
    )


def test_whoever_only_looks_on_is_not_shown_the_right() -> None:
    assert address_of(RIGHT, BASE, None) == f"{BASE}/o/order-1?k=…"
    assert address_of(Link("/p/case"), BASE, None) == f"{BASE}/p/case"
    assert address_of(None, BASE, None) is None

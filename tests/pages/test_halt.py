"""What a screen says of a pause: pure, run in the browser."""

from typing import Any

import pytest

from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.story, pytest.mark.asyncio(loop_scope="session")]

TEXTS = {
    "zh-CN": {"calling": "暂停叫号", "issuing": "暂停发号"},
    "en": {"calling": "No calls", "issuing": "No numbers"},
}
STOPPED = {"issuing": True, "calling": True, "message": None}
LONG = {"zh-CN": "停电" * 20, "en": "The power is off. " * 3}
PAUSES: list[tuple[dict[str, Any] | None, dict[str, Any] | None]] = [
    (None, None),
    (STOPPED, {"zh": "暂停叫号", "en": "No calls", "size": 1}),
    (STOPPED | {"calling": False}, {"zh": "暂停发号", "en": "No numbers", "size": 1}),
    (STOPPED | {"message": {"zh-CN": "停电", "en": "No power"}}, {"zh": "停电", "en": "No power", "size": 1}),
    (STOPPED | {"message": {"zh-CN": "Wait", "en": "Wait"}}, {"zh": "Wait", "en": "", "size": 1}),
    (STOPPED | {"message": LONG}, {"zh": LONG["zh-CN"], "en": LONG["en"], "size": 2}),
    (STOPPED | {"message": {"zh-CN": "停" * 200, "en": "a" * 200}}, {"zh": "停" * 200, "en": "a" * 200, "size": 4}),
]


async def test_the_managers_words_stand_in_both_languages_as_large_as_they_fit(window: Windows) -> None:
    page = await window()
    await page.goto("/")
    said = await page.evaluate(
        """async ([pauses, texts]) => {
            const { haltWords } = await import("/static/js/lib/halt.js");
            return pauses.map((pause) => haltWords(pause, texts));
        }""",
        [[pause for pause, _words in PAUSES], TEXTS],
    )
    assert said == [words for _pause, words in PAUSES]

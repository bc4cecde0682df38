"""What was done, in words."""

import re
from pathlib import Path

import pytest

from o2o.kernel.i18n import translator
from staff.telling import REASONS, why

SCRIPTS = Path(__file__).parents[2] / "booking" / "lua"


def test_every_reason_that_the_scripts_record_has_words() -> None:
    text = "".join(script.read_text() for script in SCRIPTS.glob("*.lua"))
    given = re.findall(r"\breason\b[^}\n]*?'([a-z_]+)'", text) + re.findall(r"'(longest_wait|share|priority)'", text)

    assert {"longest_wait", "next_service", "taken_over", "chosen"} <= set(given)
    assert set(given) <= REASONS.keys()


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ("places:3", "places: 3"),
        ("longest_wait", "had waited too long"),
        ("elder", "elderly"),
        ("in a wheelchair", "in a wheelchair"),
    ],
)
def test_a_reason_is_said_in_words_and_somebodys_own_words_stay(recorded: str, said: str) -> None:
    assert why(recorded, translator("en")) == said
    assert (why(recorded, translator("zh-CN")) == recorded) == (recorded not in REASONS and ":" not in recorded)

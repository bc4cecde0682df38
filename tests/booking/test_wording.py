"""What pages say of lines and tickets."""

import pytest

from booking.wording import class_name, fairness_words
from halls.schemas import Rules
from o2o.kernel.i18n import translator


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            Rules(),
            "While people with priority wait, 2 of every 3 calls are theirs. Whoever has waited 60 min goes first.",
        ),
        (
            Rules(priority_calls=1, longest_wait_minutes=45),
            "While people with priority wait, 1 of every 2 calls is theirs. Whoever has waited 45 min goes first.",
        ),
        (Rules(classes=("standard",)), "Everybody is called in the order of coming."),
    ],
)
def test_the_rule_of_fairness_is_said_in_words(rules: Rules, words: str) -> None:
    assert fairness_words(rules, translator("en")) == words


def test_the_rule_is_said_in_chinese() -> None:
    said = fairness_words(Rules(), translator("zh-CN"))

    assert said == "优先客户等候时，每 3 次叫号有 2 次叫优先客户。等满 60 分钟的最先叫。"


def test_a_class_of_the_halls_own_is_called_what_it_is_named() -> None:
    assert [class_name(one, translator("en")) for one in ("priority", "vip")] == ["priority", "vip"]

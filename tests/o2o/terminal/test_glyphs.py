import string

import pytest

from o2o.terminal.glyphs import HEIGHT, can_draw, large, small


def test_a_number_is_drawn_in_blocks() -> None:
    assert small("A1") == [
        "▄▀▀▀▄  ▄█  ",
        "█▄▄▄█   █  ",
        "█   █   █  ",
        "▀   ▀  ▀▀▀ ",
    ]


@pytest.mark.parametrize("sign", string.ascii_uppercase + string.digits)
def test_every_sign_of_a_number_can_be_drawn_and_no_two_look_the_same(sign: str) -> None:
    others = [small(other) for other in string.ascii_uppercase + string.digits if other != sign]

    assert small(sign) not in others


def test_lines_are_of_one_length() -> None:
    assert {len(line) for line in large("ABC109")} == {6 * 12 - 2}
    assert len(large("ABC109")) == HEIGHT


def test_what_it_has_no_sign_for_is_said_before() -> None:
    assert can_draw("A012")
    assert not can_draw("号")

from websocket.clients import RULES, client_rules
from websocket.hub import BEAT_S


def test_pages_are_told_every_rule_in_milliseconds() -> None:
    assert client_rules()["silence"] == 38_000
    assert client_rules()["first_wait"] == 500
    assert set(client_rules()) == set(RULES._fields)


def test_a_line_is_dead_after_two_heartbeats_that_did_not_come() -> None:
    assert 2 * BEAT_S < RULES.silence < 3 * BEAT_S


def test_nobody_has_to_wait_longer_than_two_calls() -> None:
    assert RULES.behind == 2 * RULES.call

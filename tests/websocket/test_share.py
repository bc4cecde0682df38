"""Whoever takes long has the process for a moment, and then half of it."""

from websocket.share import BURST_S, Share


def worked(share: Share, takes_s: float, until: float, now: float = 0.0) -> float:
    """Work as often as it may until then, each time for so long; how long it worked."""
    sum_s = 0.0
    while (now := now + share.wait_s(now)) < until:
        share.worked(now, now + takes_s)
        now, sum_s = now + takes_s, sum_s + takes_s
    return sum_s


def test_what_happens_now_and_then_never_waits() -> None:
    share = Share()
    for second in range(10):
        assert share.wait_s(second) == 0
        share.worked(second, second + 0.4)


def test_what_comes_at_once_does_not_wait_for_a_moment() -> None:
    assert worked(Share(), 0.02, BURST_S) >= BURST_S


def test_in_the_long_run_it_has_half() -> None:
    assert 0.5 <= worked(Share(), 0.02, 100) / 100 < 0.51


def test_after_one_that_took_very_long_others_have_as_long() -> None:
    share = Share()
    share.worked(0, 6)

    assert share.wait_s(6) == 6 - BURST_S


def test_who_was_quiet_may_have_a_moment_again_and_no_more() -> None:
    share = Share()
    worked(share, 0.02, 100)

    assert worked(share, 0.02, 1_000 + BURST_S, now=1_000) >= BURST_S
    assert share.wait_s(1_000 + BURST_S) > 0

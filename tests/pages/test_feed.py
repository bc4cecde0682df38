"""The rules by which a page follows its hall, run in the browser with frames lost, doubled and out of order."""

from typing import Any

import pytest

from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FOLLOW = """async (frames) => {
    const { Feed } = await import("/static/js/lib/feed.js");
    const feed = new Feed((state, frame) => state.concat(frame.version));
    return { meant: frames.map((frame) => feed.accept(frame)), state: feed.state, version: feed.version };
}"""

# Frames of a hall's history, in any order and number, with snapshots between; the version may never go back.
SHUFFLE = """async () => {
    const { Feed } = await import("/static/js/lib/feed.js");
    const random = (most) => Math.floor(Math.random() * most);
    for (let round = 0; round < 500; round += 1) {
        const feed = new Feed((state, frame) => frame.version);
        let before = [0, -1];
        for (let step = 0; step < 60; step += 1) {
            const [epoch, version] = [1 + random(3), random(20)];
            const type = ["snapshot", "event", "event", "heartbeat"][random(4)];
            feed.accept({ type, epoch: String(epoch), version, state: version });
            const now = [Number(feed.epoch), feed.version];
            if (now[0] < before[0] || (now[0] === before[0] && now[1] < before[1])) return { before, now };
            if (feed.state !== null && feed.state !== feed.version) return { state: feed.state, now };
            before = now;
        }
    }
    return null;
}"""


async def test_events_count_only_on_top_of_a_snapshot_and_one_by_one(window: Windows) -> None:
    found = await _follow(window, [_event(4), _snapshot(5, [5]), _event(5), _event(6), _event(8), _event(7)])
    assert found["meant"] == ["gap", "changed", "same", "changed", "gap", "changed"]
    assert found["state"] == [5, 6, 7]


async def test_a_heartbeat_that_is_ahead_tells_of_something_missed(window: Windows) -> None:
    beats = [{"type": "heartbeat", "epoch": "1", "version": version} for version in (5, 6)]
    found = await _follow(window, [_snapshot(5, [5]), *beats])
    assert found["meant"] == ["changed", "same", "gap"]


async def test_a_new_epoch_asks_for_a_snapshot_and_an_old_one_is_nothing(window: Windows) -> None:
    frames = [_snapshot(5, [5]), _event(6, "2"), _snapshot(1, [1], "2"), _event(6), _snapshot(9, [9])]
    found = await _follow(window, frames)
    assert found["meant"] == ["changed", "gap", "changed", "same", "same"]
    assert found["state"] == [1]


async def test_whatever_arrives_the_version_never_goes_back(window: Windows) -> None:
    page = await window()
    await page.goto("/")
    assert await page.evaluate(SHUFFLE) is None


async def _follow(window: Windows, frames: list[dict[str, Any]]) -> dict[str, Any]:
    page = await window()
    await page.goto("/")
    found: dict[str, Any] = await page.evaluate(FOLLOW, frames)
    return found


def _snapshot(version: int, state: list[int], epoch: str = "1") -> dict[str, Any]:
    return {"type": "snapshot", "epoch": epoch, "version": version, "state": state}


def _event(version: int, epoch: str = "1") -> dict[str, Any]:
    return {"type": "event", "epoch": epoch, "version": version}

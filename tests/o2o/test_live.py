"""The live client has no holes: whatever the line does, it is right again after quiet."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from o2o.live import (
    ClosedForGoodError,
    Connected,
    Event,
    GapError,
    Heartbeat,
    Lost,
    News,
    Snapshot,
    Thread,
    follow,
    socket_url,
)

Talk = Callable[[ServerConnection], Awaitable[None]]


def snapshot(version: int, epoch: str = "1") -> str:
    return json.dumps({"type": "snapshot", "epoch": epoch, "version": version, "state": {"sum": version}})


def event(version: int, epoch: str = "1") -> str:
    return json.dumps({"type": "event", "epoch": epoch, "version": version, "name": "ticket.called", "data": {}})


def heartbeat(version: int, epoch: str = "1") -> str:
    return json.dumps({"type": "heartbeat", "epoch": epoch, "version": version})


def a_thread_at(version: int) -> Thread:
    thread = Thread()
    thread.receive(snapshot(version))
    return thread


def test_events_follow_a_snapshot() -> None:
    assert a_thread_at(4).receive(event(5)) == Event("1", 5, "ticket.called", {})


def test_an_event_that_is_known_adds_nothing() -> None:
    assert a_thread_at(4).receive(event(4)) is None


@pytest.mark.parametrize("frame", [event(6), event(5, epoch="2"), heartbeat(5), heartbeat(4, epoch="2")])
def test_whatever_shows_that_events_are_missing_is_a_gap(frame: str) -> None:
    with pytest.raises(GapError):
        a_thread_at(4).receive(frame)


def test_an_event_before_any_snapshot_is_a_gap() -> None:
    with pytest.raises(GapError):
        Thread().receive(event(1))


def test_an_older_snapshot_of_the_same_epoch_does_not_turn_time_back() -> None:
    thread = a_thread_at(4)

    assert (thread.receive(snapshot(3)), thread.version) == (None, 4)


def test_a_snapshot_of_another_epoch_counts_whatever_its_version() -> None:
    assert a_thread_at(4).receive(snapshot(2, epoch="2")) == Snapshot("2", 2, {"sum": 2})


@pytest.mark.parametrize("frame", [snapshot(9, "1"), event(9, "1"), heartbeat(9, "1")])
def test_an_earlier_epoch_never_comes_back(frame: str) -> None:
    thread = Thread()
    thread.receive(snapshot(4, "10"))

    assert (thread.receive(frame), thread.epoch, thread.version) == (None, "10", 4)


def test_a_frame_of_a_later_kind_is_passed_over() -> None:
    assert a_thread_at(4).receive('{"type": "news"}') is None


def test_a_heartbeat_at_the_known_version_says_that_all_is_well() -> None:
    assert a_thread_at(4).receive(heartbeat(4)) == Heartbeat()


def test_resuming_names_what_is_known() -> None:
    assert Thread().since == ""
    assert a_thread_at(4).since == "1.4"


@given(st.lists(st.tuples(st.sampled_from([event, heartbeat, snapshot]), st.integers(0, 30), st.sampled_from("12"))))
def test_whatever_arrives_no_version_goes_back_and_none_is_jumped_over(
    frames: list[tuple[Callable[[int, str], str], int, str]],
) -> None:
    thread, known = Thread(), (0, 0)
    for make, version, epoch in frames:
        try:
            news = thread.receive(make(version, epoch))
        except GapError:
            continue
        match news:
            case Event():
                assert (int(news.epoch), news.version) == (known[0], known[1] + 1)
                known = (int(news.epoch), news.version)
            case Snapshot():
                assert (int(news.epoch), news.version) >= known
                known = (int(news.epoch), news.version)
            case _:
                pass


@asynccontextmanager
async def talking(*talks: Talk) -> AsyncIterator[str]:
    """Serve one talk a connection, in turn."""
    left = list(talks)

    async def handle(connection: ServerConnection) -> None:
        await left.pop(0)(connection)

    async with serve(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield socket_url(f"http://127.0.0.1:{port}", "/ws/halls/heping")


def _path(connection: ServerConnection) -> str:
    assert connection.request
    return connection.request.path


async def heard(url: str, count: int) -> list[News]:
    news: list[News] = []
    async with asyncio.timeout(60), aclosing(follow(url, "secret")) as stream:
        async for one in stream:
            if not isinstance(one, Connected):
                news.append(one)
            if len(news) == count:
                break
    return news


async def test_a_broken_connection_is_resumed() -> None:
    asked: list[str] = []

    async def first(connection: ServerConnection) -> None:
        asked.append(_path(connection))
        await connection.send(snapshot(4))
        await connection.close(4408, "slow reader")

    async def second(connection: ServerConnection) -> None:
        asked.append(_path(connection))
        await connection.send(event(5))
        await connection.wait_closed()

    async with talking(first, second) as url:
        news = await heard(url, 3)

    assert [type(one) for one in news] == [Snapshot, Lost, Event]
    assert asked == ["/ws/halls/heping?since=", "/ws/halls/heping?since=1.4"]


async def test_after_a_gap_a_snapshot_is_asked_for() -> None:
    async def first(connection: ServerConnection) -> None:
        await connection.send(snapshot(4))
        await connection.send(event(6))
        await connection.wait_closed()

    async def second(connection: ServerConnection) -> None:
        await connection.send(snapshot(6))
        await connection.wait_closed()

    async with talking(first, second) as url:
        news = await heard(url, 3)

    assert [type(one) for one in news] == [Snapshot, Lost, Snapshot]


async def test_the_right_is_shown_in_the_header_and_not_in_the_address() -> None:
    shown: list[tuple[str, str | None]] = []

    async def talk(connection: ServerConnection) -> None:
        assert connection.request
        shown.append((_path(connection), connection.request.headers.get("Authorization")))
        await connection.send(snapshot(1))
        await connection.wait_closed()

    async with talking(talk) as url:
        await heard(url, 1)

    assert shown == [("/ws/halls/heping?since=", "Bearer secret")]


async def test_a_final_close_is_final() -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.close(4503, "revoked")

    async with talking(talk) as url:
        with pytest.raises(ClosedForGoodError, match="4503 revoked"):
            await heard(url, 1)

"""A picture is right whatever happens to the events on their way."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.order import Order
from booking.picture import BoardTicket, Change, GapError, Picture
from halls.assembly import assemble
from tests.booking.announcer import COUNTERS, SERVICES, SOURCES, Announcer
from tests.booking.halls import hall_input

MOVES = st.one_of(
    st.tuples(st.just("issue"), st.sampled_from(SERVICES)),
    st.tuples(st.just("issue"), st.sampled_from(SERVICES)),
    st.tuples(st.just("move"), st.sampled_from(sorted(SOURCES)), st.integers(0, 9), st.sampled_from(COUNTERS)),
    st.tuples(st.just("move"), st.sampled_from(sorted(SOURCES)), st.integers(0, 9), st.sampled_from(COUNTERS)),
    st.tuples(st.sampled_from(["open", "close"]), st.sampled_from(COUNTERS)),
    st.tuples(st.just("new_day")),
)


def order(picture: Picture) -> Order[BoardTicket]:
    """By the rules of a hall whose counters serve everybody."""
    return picture.order(assemble("heping", hall_input(), rev=1), 0)


def act(hall: Announcer, move: tuple[Any, ...]) -> Change:
    name, *arguments = move
    change: Change = getattr(hall, name)(*arguments)
    return msgspec.json.decode(msgspec.json.encode(change), type=Change)


@given(before=st.lists(MOVES, max_size=30), after=st.lists(MOVES, max_size=30))
def test_a_stale_snapshot_and_the_events_since_give_a_fresh_snapshot(
    before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]
) -> None:
    hall = Announcer()
    for move in before:
        act(hall, move)
    picture = hall.snapshot()

    for move in after:
        picture.apply(1, act(hall, move))

    assert picture == hall.snapshot()


@given(moves=st.lists(st.one_of(MOVES, st.tuples(st.just("new_epoch"))), max_size=40), data=st.data())
def test_lost_doubled_disordered_events_and_new_epochs_never_show_a_wrong_picture(
    moves: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    hall = Announcer()
    picture = hall.snapshot()
    sent: list[tuple[int, Change]] = []
    for move in moves:
        if move == ("new_epoch",):
            hall.new_epoch()
        else:
            sent.append((hall.epoch, act(hall, move)))
    arriving = data.draw(st.lists(st.sampled_from(sent), max_size=60)) if sent else []

    for epoch, change in arriving:
        before = (picture.epoch, picture.version)
        picture = follow(picture, epoch, change, hall)
        assert (picture.epoch, picture.version) >= before
        assert picture == hall.snapshot((picture.epoch, picture.version))


def follow(picture: Picture, epoch: int, change: Change, hall: Announcer) -> Picture:
    """What the hub does: old news is no news, and a gap asks for a snapshot."""
    if picture.knows(epoch, change.version):
        return picture
    try:
        picture.apply(epoch, change)
    except GapError:
        return hall.snapshot()
    return picture


@pytest.mark.parametrize(("epoch", "skipped"), [(1, 1), (2, 0), (0, 0)])
def test_an_event_that_does_not_follow_changes_nothing(epoch: int, skipped: int) -> None:
    hall = Announcer()
    picture = hall.snapshot()
    for _ in range(skipped):
        hall.issue()

    with pytest.raises(GapError):
        picture.apply(epoch, hall.issue())

    assert picture == hall.snapshot((1, 0))


def test_the_line_is_in_the_order_of_turns_and_each_knows_who_is_ahead() -> None:
    hall = Announcer()
    changes = [hall.issue("sim"), hall.issue("bill"), hall.issue("sim"), hall.issue("sim")]
    picture = hall.snapshot((1, 0))
    for change in changes:
        picture.apply(1, change)

    assert [row.number for row in order(picture).line({"sim"})] == ["A001", "A003", "A004"]
    assert order(picture).ahead == {"t1": 0, "t2": 1, "t3": 2, "t4": 3}
    assert picture.waiting == {"sim": 3, "bill": 1}


def test_places_move_up_when_someone_is_called() -> None:
    hall = Announcer()
    for _ in range(3):
        hall.issue()
    picture = hall.snapshot()
    assert order(picture).ahead["t3"] == 2

    picture.apply(1, hall.move("called"))

    assert order(picture).ahead == {"t2": 0, "t3": 1}
    assert [row.number for row in picture.calling] == ["A001"]


def test_a_head_is_whoever_waits_is_called_or_is_served() -> None:
    hall = Announcer()
    for _ in range(4):
        hall.issue()
    for action in ("called", "serving", "completed", "called", "no_show", "called"):
        hall.move(action)

    assert hall.snapshot().head_count == 2
    assert [row.number for row in hall.snapshot().absent] == ["A002"]


def test_yesterdays_people_are_not_in_todays_line_before_they_are_reset() -> None:
    hall = Announcer()
    hall.issue()
    hall.new_day()

    assert hall.snapshot().head_count == 0
    assert hall.snapshot().waiting == {}
    assert order(hall.snapshot()).ahead == {}


def test_the_last_twenty_calls_are_kept_the_newest_first() -> None:
    hall = Announcer()
    for _ in range(25):
        hall.issue()
        hall.move("called")

    calls = hall.snapshot().calls
    assert len(calls) == 20
    assert calls[0].number == "A049"

"""The judge finds nothing wrong with a right history, and each doctored one wrong."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from o2o.replay.history import Ack, Final, History, Phone, Screen, Shown
from o2o.replay.judge import judge

STATES = {
    "issued": "waiting",
    "called": "called",
    "recalled": "called",
    "serving": "serving",
    "completed": "completed",
    "no_show": "no_show",
    "requeued": "waiting",
    "left": "left",
}


def ack(version: int, number: str, what: str, counter: str | None = None, to: str | None = None) -> Ack:
    """Give one change of ticket t-<number> in one hall."""
    return Ack("north", f"ticket.{what}", f"t-{number}", number, "sales", STATES[what], version, counter, to)


RIGHT = (
    ack(3, "A001", "issued"),
    ack(4, "A002", "issued"),
    ack(5, "A001", "called", "c1"),
    ack(6, "A001", "serving"),
    ack(7, "A003", "issued"),
    ack(8, "A002", "called", "c2"),
    ack(9, "A002", "recalled"),
    ack(10, "A002", "no_show"),
    ack(11, "A001", "completed"),
    ack(12, "A002", "requeued", to="first"),
    ack(13, "A002", "called", "c1"),
    ack(14, "A002", "serving"),
    ack(15, "A002", "completed"),
    ack(16, "A003", "left"),
)


def history(acks: Sequence[Ack] = RIGHT) -> History:
    """Give a history in which everything else agrees with the acknowledged changes."""
    last = {one.ticket: one for one in sorted(acks, key=lambda one: one.version)}
    finals: dict[str, Final | None] = {
        ticket: Final(one.number, one.state, one.version, one.hall, one.service) for ticket, one in last.items()
    }
    shown = [Shown(one.version, one.event, one.ticket, one.state, 0.0) for one in acks]
    screen = Screen("north", jumps=[(0, 2)], shown=shown, picture={"calls": ["A002", "A001"]})
    return History(
        acks=acks,
        finals=finals,
        screens=[screen],
        fresh={"north": {"calls": ["A002", "A001"]}},
        phones=[Phone("t-A003", "A003", "left")],
        record={ticket: (one.number, one.state) for ticket, one in last.items()},
    )


def without(number: str, what: str) -> tuple[Ack, ...]:
    return tuple(one for one in RIGHT if (one.number, one.event) != (number, f"ticket.{what}"))


def test_a_right_history_is_right() -> None:
    assert judge(history()).right


def test_a_ticket_that_is_gone_is_lost() -> None:
    doctored = history()
    doctored.finals["t-A002"] = None

    assert judge(doctored).lost == ["north: A002 was given and is not there"]


def test_a_change_that_is_undone_is_lost() -> None:
    doctored = history()
    doctored.finals["t-A002"] = Final("A002", "serving", 14, "north", "sales")

    assert judge(doctored).lost == ["north: A002 was completed and is now serving"]


def test_a_ticket_whose_number_changed_is_lost() -> None:
    doctored = history()
    doctored.finals["t-A002"] = Final("A009", "completed", 15, "north", "sales")

    assert judge(doctored).lost == ["north: A002 is now A009"]


def test_a_version_that_stepped_back_is_a_loss() -> None:
    doctored = history()
    doctored.finals["t-A002"] = Final("A002", "completed", 9, "north", "sales")

    assert judge(doctored).lost == ["north: A002 is at version 9, acknowledged was 15"]


def test_a_call_that_the_display_was_never_told_is_lost() -> None:
    doctored = history()
    del doctored.screens[0].shown[2]

    assert judge(doctored).lost == ["north: A001 called at c1 at version 5, and the display was told nothing"]


def test_a_call_that_the_display_was_told_as_something_else_is_lost() -> None:
    doctored = history()
    doctored.screens[0].shown[2] = replace(doctored.screens[0].shown[2], state="serving")

    assert judge(doctored).lost == ["north: A001 called at c1 at version 5, and the display was told called, serving"]


def test_a_snapshot_stands_for_the_events_that_it_replaced() -> None:
    doctored = history()
    del doctored.screens[0].shown[2:4]
    doctored.screens[0].jumps.append((4, 6))

    assert judge(doctored).right


def test_a_snapshot_that_jumps_over_nothing_excuses_nothing() -> None:
    doctored = history()
    del doctored.screens[0].shown[-1]
    doctored.screens[0].jumps.append((16, 16))

    assert judge(doctored).lost == ["north: A003 left at version 16, and the display was told nothing"]


def test_a_number_given_to_two_people_is_doubled() -> None:
    verdict = judge(history((*RIGHT, replace(ack(17, "A003", "issued"), ticket="t-other"))))

    assert verdict.doubled == ["north: A003 was given to 2 people"]
    assert verdict.out_of_order == ["north: A003 was given after serial 3"]


def test_a_ticket_called_by_two_counters_is_doubled() -> None:
    acks = (*RIGHT[:6], ack(9, "A002", "called", "c3"), *(replace(one, version=one.version + 1) for one in RIGHT[6:]))

    assert judge(history(acks)).doubled == ["north: A002 called at c3 although it was called"]


def test_a_ticket_served_twice_is_doubled() -> None:
    assert judge(history((*RIGHT, ack(17, "A001", "completed")))).doubled == [
        "north: A001 completed although it was completed"
    ]


def test_a_counter_given_two_people_is_doubled() -> None:
    acks = tuple(replace(one, counter="c1") if one.version == 8 else one for one in RIGHT)

    assert judge(history(acks)).doubled == ["north: c1 called A002 while A001 was there"]


def test_a_version_given_twice_is_doubled() -> None:
    acks = (*RIGHT, ack(16, "A004", "issued"))

    assert judge(history(acks)).doubled == ["north: version 16 was given to A003 left and to A004 issued"]


def test_a_ticket_that_nobody_was_given_is_doubled() -> None:
    doctored = history()
    assert doctored.record is not None
    doctored.record["t-second"] = ("A003", "waiting")

    assert judge(doctored).doubled == ["SQL has A003 waiting, which nobody was given"]


def test_a_call_that_nobody_made_is_doubled() -> None:
    doctored = history()
    doctored.screens[0].shown += [
        Shown(17, "counter.closed", "c1", None, 0.0),
        Shown(18, "ticket.recalled", "t-A003", "called", 0.0),
    ]

    assert judge(doctored).doubled == ["north: the display was told recalled at version 18, which nobody did"]


def test_a_call_out_of_turn_is_out_of_order() -> None:
    swapped = {5: 8, 8: 5, 6: 9, 9: 6}
    acks = tuple(replace(one, version=swapped.get(one.version, one.version)) for one in RIGHT)

    assert judge(history(acks)).out_of_order == ["north: A002 was called before A001"]


def test_a_call_before_someone_put_back_first_is_out_of_order() -> None:
    acks = (*RIGHT[:10], ack(13, "A003", "called", "c1"), ack(14, "A002", "called", "c2"))

    assert judge(history(acks)).out_of_order == ["north: A003 was called before A002"]


def test_whoever_is_put_back_last_waits_for_the_others() -> None:
    put_back = (*RIGHT[:9], ack(12, "A002", "requeued", to="last"), ack(13, "A002", "called", "c1"))

    assert judge(history(put_back)).out_of_order == ["north: A002 was called before A003"]


def test_numbers_that_fall_are_out_of_order() -> None:
    acks = (*RIGHT, ack(17, "A005", "issued"), ack(18, "A004", "issued"))

    assert judge(history(acks)).out_of_order == ["north: A004 was given after serial 5"]


def test_a_number_that_nobody_got_is_told_but_not_wrong() -> None:
    verdict = judge(history((*RIGHT, ack(17, "A005", "issued"))))

    assert (verdict.right, verdict.skipped) == (True, 1)


def picture_differs(doctored: History) -> None:
    doctored.screens[0].picture = {"calls": ["A001"]}


def phone_differs(doctored: History) -> None:
    doctored.phones[0].state = "waiting"


def record_differs(doctored: History) -> None:
    assert doctored.record is not None
    doctored.record["t-A001"] = ("A001", "serving")


def record_lacks(doctored: History) -> None:
    assert doctored.record is not None
    del doctored.record["t-A001"]


@pytest.mark.parametrize(
    ("doctor", "sentence"),
    [
        (picture_differs, "the display shows {'calls': ['A001']}"),
        (phone_differs, "the phone shows A003 waiting, the service has A003 left"),
        (record_differs, "HTTP says A001 completed, SQL says ('A001', 'serving')"),
        (record_lacks, "HTTP says A001 completed, SQL says None"),
    ],
)
def test_whoever_watched_and_ended_with_something_else_is_unequal(
    doctor: Callable[[History], None], sentence: str
) -> None:
    doctored = history()
    doctor(doctored)

    assert sentence in "".join(judge(doctored).unequal)

"""A ticket as its page says it."""

from datetime import UTC, datetime
from typing import Any

from booking.schemas import Ticket
from booking.states import TicketState
from booking.ticket_wording import Moment, ticket_pass
from halls.pause import Paused, Words
from halls.schemas import Estimate
from o2o.kernel.i18n import translator
from tests.halls.documents import hall, week

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HALL = hall(hours=week(("09:00", "12:30")))
RUNNING = Moment(NOON, None)


def ticket(**changes: Any) -> Ticket:
    usual: dict[str, Any] = {
        "id": "t", "number": "A007", "state": TicketState.WAITING, "hall": "heping", "service": "sim", "counter": None,
        "class_": "standard", "claimed_class": None, "for_counter": None, "then": [], "position": 4, "people_ahead": 3,
        "estimate": Estimate(600, 1200, known=True), "called_at": None, "created_at": "2026-11-23T11:42:00+08:00",
        "calls": 0, "version": 1,
    }  # fmt: skip
    return Ticket(**(usual | changes))


def seen(moment: Moment = RUNNING, language: str = "en", **changes: Any) -> dict[str, Any]:
    return ticket_pass(HALL, ticket(**changes), moment, translator(language))


def test_a_wait_beyond_closing_is_warned_of() -> None:
    assert seen()["facts"] == set()
    late = seen(estimate=Estimate(1800, 2400, known=True))
    assert (late["facts"], late["warning"]) == ({"closing"}, "At this pace you would not be called before it closes")


def test_while_calling_pauses_no_wait_is_promised() -> None:
    stopped = Moment(NOON, Paused(issuing=True, calling=True, message=None, since=0))
    assert seen()["wait"] == "about 10–20 min"
    assert seen(stopped)["wait"] == "calling pauses just now"


def test_while_only_numbers_pause_the_wait_is_as_before() -> None:
    stopped = Moment(NOON, Paused(issuing=True, calling=False, message=Words(zh="停电", en="No power"), since=0))
    shown = seen(stopped, language="zh-CN")
    assert shown["wait"] == "大约 10–20 分钟"
    assert shown["pause"]["said"] == "停电"


def test_a_service_or_counter_that_was_taken_away_is_called_by_its_id() -> None:
    shown = seen(service="gone", then=["bill", "lost"], for_counter="heping-9")
    assert (shown["service_name"], shown["then"], shown["for_counter"]) == ("gone", "Bills → lost", "heping-9")

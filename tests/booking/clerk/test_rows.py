"""Tickets as rows of the clerk's page."""

from typing import Any

import pytest

from booking.clerk.rows import BLANK, line_row
from booking.picture import BoardTicket
from booking.states import TicketState
from o2o.kernel.i18n import translator
from tests.halls.documents import hall

MINUTE_MS = 60_000


def row(**changes: Any) -> BoardTicket:
    usual = {"id": "t", "service": "sim", "day": "", "created_at": 0, "version": 1, "number": "A001"}
    return BoardTicket(**{"state": TicketState.WAITING, "class_": "standard", **usual, **changes})


@pytest.mark.parametrize(("minutes", "late"), [(10, False), (11, True)])
def test_a_wait_is_late_when_it_is_longer_than_the_hall_promises(minutes: int, late: bool) -> None:
    assert line_row(hall(rules={"late_minutes": 10}), row(), minutes * MINUTE_MS, translator("en"))["late"] is late


@pytest.mark.parametrize(
    ("state", "waited", "late"),
    [("waiting", "31 min", True), ("parked", "31 min", True), ("called", "5 min", False)],
)
def test_who_was_called_before_and_waits_again_has_waited_until_now(state: str, waited: str, late: bool) -> None:
    called = row(state=TicketState(state), called_at=5 * MINUTE_MS)

    shown = line_row(hall(rules={"late_minutes": 30}), called, 31 * MINUTE_MS, translator("en"))

    assert (shown["waited"], shown["late"]) == (waited, late)


@pytest.mark.parametrize(("minutes", "can_return"), [(30, True), (31, False)])
def test_who_was_not_there_can_return_while_the_halls_rule_allows_it(minutes: int, can_return: bool) -> None:
    absent = row(state=TicketState.NO_SHOW, ended_at=0)

    assert line_row(hall(), absent, minutes * MINUTE_MS, translator("en"))["can_return"] is can_return


def test_a_row_says_what_is_special_about_it() -> None:
    shown = line_row(hall(), row(class_="priority", bound="heping-1", remaining="sim,gone"), 0, translator("en"))

    assert (shown["class_name"], shown["bound"], shown["then"]) == ("priority", "for counter 1", "then SIM cards, gone")


def test_scripts_get_every_field_of_a_row() -> None:
    assert BLANK.keys() == line_row(hall(), row(), 0, translator("en")).keys()

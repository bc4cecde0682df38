"""The life of a ticket: the table in Python, written out a second time by hand, and what SQL makes of it."""

import asyncio
import re
import sqlite3
from itertools import product

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.migrations.api import sqlmigrate

from booking.models import STATES
from booking.states import HEADS, LIVE, STEPS, Action, TicketState
from o2o.kernel.database import connection, tortoise_config
from tests.booking.halls import Process

ALLOWED = {
    ("call", "waiting"): "called",
    ("recall", "called"): "called",
    ("start", "called"): "serving",
    ("complete", "serving"): "completed",
    ("no_show", "called"): "no_show",
    ("requeue", "called"): "waiting",
    ("requeue", "no_show"): "waiting",
    ("transfer", "waiting"): "waiting",
    ("transfer", "called"): "waiting",
    ("transfer", "serving"): "waiting",
    ("park", "waiting"): "parked",
    ("park", "serving"): "parked",
    ("unpark", "parked"): "waiting",
    ("postpone", "waiting"): "waiting",
    ("classify", "waiting"): "waiting",
    ("leave", "waiting"): "left",
    ("leave", "called"): "left",
    ("leave", "parked"): "left",
    ("cancel", "waiting"): "cancelled",
    ("cancel", "called"): "cancelled",
    ("cancel", "serving"): "cancelled",
    ("cancel", "parked"): "cancelled",
    ("reset", "waiting"): "reset",
    ("reset", "called"): "reset",
    ("reset", "serving"): "reset",
    ("reset", "parked"): "reset",
}
ENDS = {"completed", "no_show", "left", "cancelled", "reset"}
PUT_BACK = ("requeue", "no_show")


@pytest.mark.parametrize(("action", "state"), list(product(Action, TicketState)))
def test_an_action_is_allowed_in_just_the_states_written_here(action: Action, state: TicketState) -> None:
    step = STEPS[action]

    assert (step.target if state in step.sources else None) == ALLOWED.get((action, state))


def test_only_issuing_begins_a_ticket() -> None:
    assert [action for action, step in STEPS.items() if not step.sources] == [Action.ISSUE]
    assert STEPS[Action.ISSUE].target == "waiting"


def test_every_action_has_its_step() -> None:
    assert set(STEPS) == set(Action)


def test_an_end_has_no_exit_but_the_put_back_of_a_no_show() -> None:
    assert {move for move in ALLOWED if move[1] in ENDS} == {PUT_BACK}


def test_a_head_is_counted_until_the_end_but_not_while_parked() -> None:
    assert set(LIVE) == set(TicketState) - ENDS
    assert set(HEADS) == set(LIVE) - {"parked"}


def test_every_state_can_be_reached() -> None:
    assert {step.target for step in STEPS.values()} == set(TicketState)


class TestSql:
    @pytest.mark.sqlite
    async def test_sqlite_holds_a_ticket_to_these_states(self, database: str) -> None:
        with sqlite3.connect(database.removeprefix("sqlite://")) as client:
            (made,) = client.execute("SELECT sql FROM sqlite_master WHERE name = 'tickets'").fetchone()

        assert states_in(made) == set(TicketState)

    async def test_sql_refuses_another_state(self, one: Process) -> None:
        await one.take()

        with pytest.raises(IntegrityError, match="tickets_state"):
            await connection().execute_query("UPDATE tickets SET state = 'lost'")

    def test_postgresql_is_told_the_same(self) -> None:
        config = tortoise_config("postgres://nobody@localhost/nowhere")

        statements = asyncio.run(sqlmigrate(config=config, app_label="booking", migration_name="0003"))

        assert states_in("\n".join(statements)) == set(TicketState)

    def test_the_model_says_it_too(self) -> None:
        assert states_in(f"CHECK (state IN ({STATES}))") == set(TicketState)


def states_in(statement: str) -> set[str]:
    """The states that the statement's CHECK lists."""
    (listed,) = re.findall(r"CHECK \(state IN \((.*?)\)\)", statement)
    return set(re.findall(r"'(\w+)'", listed))

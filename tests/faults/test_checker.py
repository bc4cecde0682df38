"""The checker finds each kind of wrong, so that a run without any has been looked at."""

import json
import time
from collections.abc import Sequence
from typing import Any

from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.faults.checker import Wrong, repeated, wrongs
from tests.faults.operations import Known, Operation, Recorder


def moved(operation: Operation | None, ticket: str, move: tuple[str | None, str], **more: Any) -> dict[str, Any]:
    row = {"hall": "nankai", "day": "2026-11-26", "number": f"A-{ticket}", **more}
    return {
        "op": operation.id if operation else "nobody's",
        "ordinal": 0,
        "actor": "anonymous",
        "ticket": ticket,
        "name": "ticket.issued" if move[0] is None else f"ticket.{move[1]}",
        "source": move[0],
        "target": move[1],
        "counter": more.get("counter"),
        "data": json.dumps({"rows": {"ticket": row}}),
    }


NEW, CALLED = (None, "waiting"), ("waiting", "called")


def asked(known: Known, ticket: str = "one") -> tuple[Recorder, Operation]:
    recorder = Recorder()
    operation = recorder.invoke("/halls/nankai/tickets", {"service": "sim"})
    operation.known = known
    operation.answer = {"id": ticket, "number": f"A-{ticket}"} if known is Known.OK else "409 no"
    return recorder, operation


def kinds(found: Sequence[Wrong]) -> list[str]:
    return [wrong.kind for wrong in found]


def test_what_was_answered_and_is_there_once_is_right() -> None:
    recorder, operation = asked(Known.OK)

    assert wrongs([moved(operation, "one", NEW)], recorder) == []


def test_what_is_unknown_may_be_there_or_not() -> None:
    recorder, operation = asked(Known.UNKNOWN)

    assert wrongs([], recorder) == []
    assert wrongs([moved(operation, "one", NEW)], recorder) == []


def test_what_was_answered_and_is_not_there_is_lost() -> None:
    recorder, _operation = asked(Known.OK)

    assert kinds(wrongs([], recorder)) == ["lost"]


def test_what_is_there_twice_is_doubled() -> None:
    recorder, operation = asked(Known.UNKNOWN)
    history = [moved(operation, "one", NEW), moved(operation, "two", NEW)]

    assert kinds(wrongs(history, recorder)) == ["doubled"]


def test_another_ticket_than_was_answered_is_wrong() -> None:
    recorder, operation = asked(Known.OK)

    assert kinds(wrongs([moved(operation, "two", NEW)], recorder)) == ["wrong"]


def test_what_failed_and_was_done_is_wrong() -> None:
    recorder, operation = asked(Known.FAILED)

    assert kinds(wrongs([moved(operation, "one", NEW)], recorder)) == ["wrong"]


def test_what_nobody_asked_for_is_found_unless_it_is_somebody_elses() -> None:
    history = [moved(None, "one", NEW)]

    assert kinds(wrongs(history, Recorder())) == ["doubled"]
    assert wrongs(history, Recorder(), {"one"}) == []


def test_a_number_that_two_have_is_doubled() -> None:
    history = [moved(None, "one", NEW, number="A001"), moved(None, "two", NEW, number="A001")]

    assert kinds(wrongs(history, Recorder(), {"one", "two"})) == ["doubled"]


def test_a_ticket_that_is_called_twice_is_doubled() -> None:
    history = [moved(None, "one", NEW), *(moved(None, "one", CALLED, counter=f"nankai-{n}") for n in (1, 2))]

    assert "doubled" in kinds(wrongs(history, Recorder(), {"one"}))


def test_a_counter_that_has_two_people_is_wrong() -> None:
    tickets = ("one", "two")
    history = [moved(None, one, move, counter="nankai-1") for one in tickets for move in (NEW, CALLED)]

    assert kinds(wrongs(history, Recorder(), set(tickets))) == ["wrong"]


async def test_what_is_asked_again_afterwards_is_nobodys_wait() -> None:
    recorder, answered = asked(Known.OK)
    answered.began, answered.ended = 1.0, 3.5
    given_up = recorder.invoke(answered.path)
    given_up.known, given_up.unknowns, given_up.began = Known.UNKNOWN, 1, time.monotonic() - 1000

    async def same(_request: Request) -> JSONResponse:
        return JSONResponse(answered.answer)

    service = Starlette(routes=[Route(f"/api/v1{answered.path}", same, methods=["POST"])])
    async with AsyncClient(transport=ASGITransport(service), base_url="http://hall.test") as client:
        assert await repeated(client, recorder) == []

    assert recorder.which(Known.UNKNOWN) == []
    assert 2.5 <= recorder.longest_s < 100


def test_a_silence_is_the_longest_time_in_which_nobody_was_answered() -> None:
    recorder = Recorder()
    for ended in (1.0, 9.0, 9.5, 13.0):
        operation = recorder.invoke("/here")
        operation.known, operation.ended = Known.OK, ended

    assert recorder.silence_after(8.0) == 3.5
    assert recorder.silence_after(5.0) == 4.0

"""What everybody was answered against what SQL says. One checker serves all fault tests.

Every ok is there exactly once; every unknown is wholly there or absent, and its repeat gives one answer; what failed
left nothing. No two tickets share hall, day and number; a ticket moves as its life has it, is at one counter at a time
and is served once.
"""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from httpx2 import AsyncClient

from booking.models import TicketRecord
from o2o.kernel.database import open_database
from o2o.kernel.models import Event
from tests.faults.operations import Known, Operation, Recorder

REPEATED = 100
"""So many of those that were answered at once are asked once more."""
AT_A_COUNTER = {"called", "serving"}
CLOCK = "clock"

History = Sequence[dict[str, Any]]


class Wrong(NamedTuple):
    kind: str
    """lost, doubled, or wrong in another way."""
    what: str


async def events(url: str, hall: str = "nankai") -> list[dict[str, Any]]:
    """What happened in the hall, in its order."""
    async with open_database(url):
        return await Event.filter(tag=f"hall:{hall}").order_by("epoch", "version", "ordinal").values()


async def repeated(client: AsyncClient, recorder: Recorder) -> list[Wrong]:
    """Ask what is unknown until it is known, and once more, and some of the rest too: answers stay as they are."""
    unknown = recorder.which(Known.UNKNOWN)
    for operation in unknown:
        operation.began = time.monotonic()  # Whoever had given up did not wait.
        await operation.ask_until_known(client)
    asked_again = [one for one in recorder.which(Known.OK) if one.unknowns]
    rest = [one for one in recorder.which(Known.OK) if not one.unknowns]
    wrongs = []
    for operation in [*asked_again, *random.sample(rest, min(REPEATED, len(rest)))]:
        before, ended = operation.answer, operation.ended
        await operation.ask_until_known(client)
        operation.ended = ended  # Whoever had an answer did not wait for it again.
        if operation.answer != before:
            wrongs.append(Wrong("wrong", f"{operation.path}: {before}, then {operation.answer}"))
    return wrongs


def differing(shown: Any, told: Any) -> list[Wrong]:
    """What a screen shows, beside what the service says."""
    return [] if shown == told else [Wrong("wrong", f"a screen shows {shown}, and the service says {told}")]


def wrongs(history: History, recorder: Recorder, besides: Collection[str] = ()) -> list[Wrong]:
    """Everything in which answers and SQL differ. Tickets in `besides` are others' doing."""
    asked = {operation.id for operation in recorder.operations}
    strange = [event for event in history if event["op"] not in asked and event["actor"] != CLOCK]
    by_nobody = [_by_nobody(event) for event in strange if event["ticket"] not in besides]
    return [*_of(recorder.operations, history), *by_nobody]


async def certain(url: str, recorder: Recorder) -> list[Wrong]:
    """What is wrong already, while people still come."""
    answered = [*recorder.which(Known.OK), *recorder.which(Known.FAILED)]
    return _of(answered, await events(url))


async def wrong_rows(url: str, history: History) -> list[Wrong]:
    """Tickets whose row is not what their last event made it."""
    last = {event["ticket"]: event["target"] for event in history if event["ticket"] and event["target"]}
    async with open_database(url):
        rows = dict(await TicketRecord.all().values_list("id", "state"))
    return [
        Wrong("lost", f"{ticket} is {rows.get(ticket)}, but was moved to {state}")
        for ticket, state in last.items()
        if rows.get(ticket) != state
    ]


def _of(operations: Sequence[Operation], history: History) -> list[Wrong]:
    done: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in history:
        done[event["op"]].append(event)
    found = [wrong for operation in operations for wrong in _answer(operation, done[operation.id])]
    return [*found, *_numbers(history), *_moves(history), *_counters(history)]


def _answer(operation: Operation, done: History) -> Iterable[Wrong]:
    match operation.known:
        case Known.OK:
            yield from _ok(operation, done)
        case Known.FAILED if done:
            yield Wrong("wrong", f"{operation.path} failed ({operation.answer}) and was done")
        case Known.FAILED if not operation.answer.startswith("204"):
            yield Wrong("wrong", f"{operation.path} should not have failed: {operation.answer}")
        case Known.INVOKED | Known.UNKNOWN if done:
            yield from _ok(operation, done)
        case _:
            return


def _ok(operation: Operation, done: History) -> Iterable[Wrong]:
    times = Counter(event["ordinal"] for event in done)
    if not times:
        yield Wrong("lost", f"{operation.path} was answered and is lost: {operation.answer}")
    yield from (Wrong("doubled", f"{operation.path} was done {n} times") for n in times.values() if n > 1)
    if operation.known is Known.OK and done and "number" in operation.answer:
        ticket = operation.answer["id"]
        if ticket not in {event["ticket"] for event in done}:
            yield Wrong("wrong", f"{operation.path} was answered {ticket}, and {done[0]['ticket']} is there")


def _by_nobody(event: dict[str, Any]) -> Wrong:
    return Wrong("doubled", f"{event['name']} of {event['ticket']} was asked by nobody")


def _numbers(history: History) -> Iterable[Wrong]:
    rows = [json.loads(event["data"])["rows"]["ticket"] for event in history if event["name"] == "ticket.issued"]
    times = Counter((row["hall"], row["day"], row["number"]) for row in rows)
    yield from (Wrong("doubled", f"{number} was given {n} times") for number, n in times.items() if n > 1)


def _moves(history: History) -> Iterable[Wrong]:
    states: dict[str, str | None] = defaultdict(lambda: None)
    for event in history:
        if event["ticket"]:
            ticket, before = event["ticket"], states[event["ticket"]]
            if before != event["source"]:
                yield Wrong("doubled", f"{event['name']}: {ticket} moved from {event['source']}, but was {before}")
            states[ticket] = event["target"]


def _counters(history: History) -> Iterable[Wrong]:
    at: dict[str, str] = {}
    for event in history:
        ticket, counter = event["ticket"], event["counter"]
        if event["name"] == "ticket.called":
            if counter in at.values():
                yield Wrong("wrong", f"{counter} called {ticket}, and had somebody")
            if ticket in at:
                yield Wrong("doubled", f"{ticket} was called to {counter}, and was at {at[ticket]}")
        if event["target"] in AT_A_COUNTER:
            at[ticket] = counter
        elif ticket:
            at.pop(ticket, None)

"""What a ticket means to its owner, as the page's script finds it: pure, run in the browser."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.pages.conftest import Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TICKET: dict[str, Any] = {
    "state": "waiting",
    "service": "sim",
    "class": "standard",
    "claimed_class": None,
    "for_counter": None,
    "then": [],
    "people_ahead": 4,
    "calls": 0,
}
CHANGES: list[tuple[str | None, dict[str, Any], dict[str, Any]]] = [
    (None, {}, {"people_ahead": 3}),
    ("moved", {}, {"service": "bill"}),
    ("moved", {"then": ["device"]}, {"service": "bill", "then": ["device"]}),
    ("goesOn", {"state": "serving", "then": ["bill", "device"]}, {"service": "bill", "then": ["device"]}),
    ("bound", {}, {"for_counter": "c3"}),
    (None, {"for_counter": "c3"}, {"for_counter": "c3"}),
    ("back", {"state": "called"}, {}),
    ("back", {"state": "parked"}, {}),
    ("back", {"state": "no_show"}, {}),
    (None, {}, {"state": "called"}),
    ("class", {"claimed_class": "priority"}, {"class": "priority"}),
    ("noClass", {"claimed_class": "priority"}, {}),
]
FACTS: list[tuple[set[str], dict[str, Any]]] = [
    (set(), {}),
    ({"bound", "then"}, {"for_counter": "c3", "then": ["bill"]}),
    ({"claimed"}, {"claimed_class": "priority"}),
    ({"confirmed"}, {"class": "priority"}),
]
RUN = """async ([name, calls]) => {
    const lib = await import("/static/js/lib/ticket.js");
    return calls.map((given) => lib[name](...given));
}"""


async def test_what_happened_is_told_beside_the_place(window: Windows) -> None:
    calls = [(TICKET | before, TICKET | after, "standard") for _news, before, after in CHANGES]
    assert await _run(window, "newsOf", calls) == [news for news, _before, _after in CHANGES]


async def test_what_else_is_so_is_known_by_name(window: Windows) -> None:
    found = await _run(window, "factsOf", [(TICKET | ticket, "standard") for _facts, ticket in FACTS])
    assert [{name for name, so in one.items() if so} for one in found] == [facts for facts, _ticket in FACTS]


async def test_a_pause_is_known_from_its_event_until_the_hall_goes_on(window: Windows) -> None:
    running, stopped = {"ticket": TICKET, "pause": None}, {"ticket": TICKET, "pause": {"calling": True}}
    news = {"yours": TICKET}
    calls = [
        (running, {"data": news | {"pause": stopped["pause"]}}),
        (stopped, {"data": news}),
        (stopped, {"data": news | {"pause": None}}),
    ]
    assert await _run(window, "reduceTicket", calls) == [stopped, stopped, running]


async def test_it_knocks_when_it_is_called_and_when_it_is_called_again(window: Windows) -> None:
    called, serving = TICKET | {"state": "called", "calls": 1}, TICKET | {"state": "serving", "calls": 1}
    pairs = [(TICKET, called), (called, called), (called, called | {"calls": 2}), (called, serving)]
    assert await _run(window, "isCalledAnew", pairs) == [True, False, True, False]


async def _run(window: Windows, name: str, calls: Sequence[Sequence[Any]]) -> Any:
    page = await window()
    await page.goto("/")
    return await page.evaluate(RUN, [name, calls])

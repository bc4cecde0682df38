"""Stopping a hall at once, and going on."""

import pytest
from httpx2 import AsyncClient, Response

from booking.queries import pause_row
from booking.schemas import PauseRow
from booking.summary import as_words
from halls.pause import Words
from o2o.kernel.models import Event
from tests.booking.manage.browser import fill, form_on, send
from tests.serving import Service, with_key

pytestmark = pytest.mark.once

TAB = "/manage/heping/pause"


async def in_force() -> PauseRow | None:
    return await pause_row("heping")


def words_of(row: PauseRow) -> Words:
    shown = as_words(row)
    assert shown is not None
    assert shown.message is not None
    return shown.message


async def take_number(service: Service) -> Response:
    address = "/api/v1/halls/heping/tickets"
    return await service.client().post(address, json={"service": "sim"}, headers=with_key("someone-who-comes"))


@pytest.mark.parametrize(("act", "calling"), [("fire", True), ("power", True), ("fault", True), ("crowd", False)])
async def test_one_button_stops_the_hall_with_words_in_both_languages(
    act: str, calling: bool, manager: AsyncClient
) -> None:
    answer = await fill(manager, TAB, act)

    assert answer.headers["location"] == f"{TAB}?done=paused"
    row = await in_force()
    assert row is not None
    assert (row.issuing, row.calling, row.actor) == (True, calling, "staff:manager")
    said = words_of(row)
    assert said.en in (await manager.get(TAB)).text
    assert said.zh in (await manager.get(TAB, headers={"accept-language": "zh-CN"})).text


async def test_no_number_is_given_while_it_is_paused_and_then_again(service: Service, manager: AsyncClient) -> None:
    await fill(manager, TAB, "fire")
    assert (await take_number(service)).json()["code"] == "hall_paused"
    service.clock.advance(seconds=1)

    assert (await fill(manager, TAB, "resume")).headers["location"] == f"{TAB}?done=resumed"
    assert await in_force() is None
    assert (await take_number(service)).status_code == 201


async def test_own_words_in_one_language_stand_for_both(manager: AsyncClient) -> None:
    await fill(manager, TAB, "own", stop=["calling"], en="Back at three.")

    row = await in_force()
    assert row is not None
    assert (row.issuing, row.calling) == (False, True)
    said = words_of(row)
    assert (said.en, said.zh) == ("Back at three.", "Back at three.")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [({"stop": []}, "stop", "Choose what stops."), ({"zh_CN": "字" * 201}, "zh-CN", "This doesn&#39;t fit here.")],
)
async def test_a_fault_stands_at_its_field_and_nothing_stops(
    typed: dict[str, object], field: str, said: str, manager: AsyncClient
) -> None:
    answer = await fill(manager, TAB, "own", **typed)

    assert answer.status_code == 400
    assert f'id="own-{field}-fault"' in answer.text
    assert said in answer.text
    assert await in_force() is None


async def test_the_fire_button_stops_a_hall_that_its_page_let_go_on_already(manager: AsyncClient) -> None:
    form = await form_on(manager, TAB, "fire")

    for act in ("resume", "fire"):  # From one page, on which the first was too late: the hall went on already.
        await send(manager, TAB, form | {"act": [act]})

    paused = await in_force()
    assert paused is not None
    assert paused.calling


async def test_pressing_twice_is_one_pause(manager: AsyncClient) -> None:
    form = await form_on(manager, TAB, "fire")
    for _time in range(2):
        await send(manager, TAB, form)

    assert await Event.filter(name="hall.paused").count() == 1

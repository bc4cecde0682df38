"""The tab of services: each form and button, and what two managers do to one another."""

import json

import pytest
from httpx2 import AsyncClient

from halls.hall import Service as HallService
from halls.service import Directory
from o2o.kernel.models import Event
from tests.booking.manage.browser import fill, form_on, send
from tests.serving import Service

pytestmark = pytest.mark.once

TAB = "/manage/heping/services"


async def services() -> list[HallService]:
    return list((await Directory().get("heping")).services)


async def test_a_service_gets_other_names_and_a_letter(manager: AsyncClient) -> None:
    answer = await fill(manager, TAB, "save", "bill", en=" Top-ups ", zh_CN="充值", prefix="t")

    assert answer.headers["location"] == f"{TAB}?done=saved#service-bill"
    changed = (await services())[1]
    assert (changed.names.en, changed.names.zh, changed.prefix) == ("Top-ups", "充值", "T")


async def test_the_event_says_who_did_it(manager: AsyncClient) -> None:
    await fill(manager, TAB, "close", "sim")

    event = await Event.get(name="hall.changed")
    assert (event.actor, json.loads(event.data)["facts"]["part"]) == ("staff:manager", "services")


async def test_a_service_is_closed_and_opened_with_one_button(service: Service, manager: AsyncClient) -> None:
    await fill(manager, TAB, "close", "sim")
    assert [one.open for one in await services()] == [False, True, True, True]

    await fill(manager, TAB, "open", "sim")
    assert all(one.open for one in await services())


async def test_a_service_moves_up(manager: AsyncClient) -> None:
    await fill(manager, TAB, "move", "device")

    assert [one.id for one in await services()] == ["sim", "bill", "device", "broadband"]


async def test_a_place_beyond_all_numbers_is_the_last(manager: AsyncClient) -> None:
    await fill(manager, TAB, "move", "sim", to="9" * 5_000)

    assert [one.id for one in await services()] == ["bill", "broadband", "device", "sim"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"en": ""}, "Please fill this in."),
        ({"prefix": "A1"}, "This doesn&#39;t fit here."),
        ({"prefix": "A"}, "A is there already; each may be there once."),
    ],
)
async def test_a_fault_stands_at_its_field_and_what_was_typed_is_kept(
    typed: dict[str, str], said: str, manager: AsyncClient
) -> None:
    answer = await fill(manager, TAB, "save", "bill", zh_CN="新名字", **typed)

    assert answer.status_code == 400
    (field,) = typed
    assert f'id="service-bill-{field}-fault"' in answer.text
    assert said in answer.text
    assert 'value="新名字"' in answer.text
    assert (await services())[1].names.zh == "缴费与账单"


async def test_of_two_managers_the_second_is_told_and_may_save_once_more(
    service: Service, manager: AsyncClient
) -> None:
    other = await service.browser("hq")
    form = await form_on(manager, TAB, "save", "bill")
    await fill(other, TAB, "save", "bill", en="Theirs")

    answer = await send(manager, TAB, form, en="Mine")

    assert answer.status_code == 409
    assert "Somebody else has changed this meanwhile" in answer.text
    assert "Now: Theirs" in answer.text
    assert 'value="Mine"' in answer.text
    assert (await services())[1].names.en == "Theirs"


async def test_who_saves_once_more_puts_it_in_place_of_theirs(service: Service, manager: AsyncClient) -> None:
    form = await form_on(manager, TAB, "save", "bill")
    await fill(await service.browser("hq"), TAB, "save", "bill", en="Theirs")
    await send(manager, TAB, form, en="Mine")

    await fill(manager, TAB, "save", "bill", en="Mine")

    assert (await services())[1].names.en == "Mine"


async def test_another_services_change_is_no_conflict(service: Service, manager: AsyncClient) -> None:
    form = await form_on(manager, TAB, "save", "bill")
    await fill(await service.browser("hq"), TAB, "save", "sim", en="Theirs")

    assert (await send(manager, TAB, form, en="Mine")).status_code == 303

    assert [one.names.en for one in await services()][:2] == ["Theirs", "Mine"]


async def test_pressing_twice_is_one_change(manager: AsyncClient) -> None:
    form = await form_on(manager, TAB, "save", "bill")

    answers = [await send(manager, TAB, form, en="Once") for _time in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert await Event.filter(name="hall.changed").count() == 1


@pytest.mark.parametrize("username", ["clerk1", "hq"])
async def test_only_who_may_manage_the_hall_changes_it(username: str, service: Service, manager: AsyncClient) -> None:
    form = await form_on(manager, TAB, "close", "sim")
    stranger = await service.browser(username)

    answer = await send(stranger, TAB, form)

    assert answer.status_code == 403
    assert (await services())[0].open

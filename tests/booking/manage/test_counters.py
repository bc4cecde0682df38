"""The tab of counters."""

import pytest
from httpx2 import AsyncClient

from halls.service import Directory
from tests.booking.manage.browser import fill, form_on, send
from tests.serving import Service, with_key

pytestmark = pytest.mark.once

TAB = "/manage/heping/counters"


async def counters() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {one.id: (one.name, one.services) for one in (await Directory().get("heping")).counters}


async def test_a_counter_gets_another_name_and_fewer_services(manager: AsyncClient) -> None:
    await fill(manager, TAB, "save", "heping-2", name="VIP", services=["device", "sim"])

    assert (await counters())["heping-2"] == ("VIP", ("sim", "device"))


async def test_a_new_counter_has_the_next_number_and_every_service(manager: AsyncClient) -> None:
    form = await form_on(manager, TAB, "add")
    answers = [await send(manager, TAB, form) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(await counters()) == 5
    assert (await counters())["heping-5"] == ("5", ("sim", "bill", "broadband", "device"))


async def test_two_managers_who_add_a_counter_don_t_overwrite_one_another(
    service: Service, manager: AsyncClient
) -> None:
    form = await form_on(manager, TAB, "add")
    await fill(await service.browser("hq"), TAB, "add", name="Theirs")

    answer = await send(manager, TAB, form, name="Mine")

    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert (await counters())["heping-5"][0] == "Theirs"


@pytest.mark.parametrize(
    ("typed", "said"), [({"name": ""}, "Please fill this in."), ({"services": []}, "Choose at least one service.")]
)
async def test_a_fault_stands_at_its_field(typed: dict[str, object], said: str, manager: AsyncClient) -> None:
    answer = await fill(manager, TAB, "save", "heping-2", **typed)

    assert answer.status_code == 400
    (field,) = typed
    assert f'id="counter-heping-2-{field}-fault"' in answer.text
    assert said in answer.text


async def test_a_counter_is_taken_away(manager: AsyncClient) -> None:
    await fill(manager, TAB, "remove", "heping-4")

    assert "heping-4" not in await counters()


async def test_an_open_counter_is_closed_first(service: Service, manager: AsyncClient) -> None:
    remove = await form_on(manager, TAB, "remove", "heping-1")
    clerk = await service.signed_in("clerk1")
    await clerk.post("/api/v1/counters/heping-1/opening", headers=with_key("a-key-to-open-with"))

    refused = await send(manager, TAB, remove)
    assert refused.status_code == 409
    assert "is open. Close it before you take it away." in refused.text
    assert "Open: Clerk 1" in refused.text

    assert (await fill(manager, TAB, "close", "heping-1")).status_code == 303
    assert (await send(manager, TAB, remove)).status_code == 303


async def test_each_counter_is_closed_though_another_was_closed_already(service: Service, manager: AsyncClient) -> None:
    clerk = await service.signed_in("clerk2")
    await clerk.post("/api/v1/counters/heping-2/opening", headers=with_key("a-key-to-open-with"))
    form = await form_on(manager, TAB, "add")

    for counter in ("heping-1", "heping-2"):
        await send(manager, TAB, form, act="close", of=counter)

    assert not (await clerk.get("/api/v1/counters/heping-2")).json()["open"]


async def test_another_halls_counter_is_out_of_reach(service: Service, manager: AsyncClient) -> None:
    headquarters = await service.signed_in("hq")
    await headquarters.post("/api/v1/counters/nankai-1/opening", headers=with_key("a-key-to-open-with"))
    form = await form_on(manager, TAB, "add")

    answer = await send(manager, TAB, form, act="close", of="nankai-1")

    assert answer.status_code == 409
    assert (await headquarters.get("/api/v1/counters/nankai-1")).json()["open"]

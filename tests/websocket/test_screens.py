"""The manager's page of screens."""

import re

import pytest
from httpx2 import AsyncClient, Response

from o2o.kernel.database import transaction
from tests.serving import Service, with_key
from websocket import pairing
from websocket.models import Device
from websocket.pairing_schemas import NewDevice, Pairing

SCREENS = "/manage/heping/screens"


async def a_screen(service: Service, hall: str = "heping", name: str | None = None) -> str:
    made = await pairing.make_device(NewDevice(), service.clock())
    wish = Pairing(made.code, name)
    await transaction(lambda client: pairing.pair(client, wish, hall, "staff:manager", service.clock()))
    return made.id


async def send(browser: AsyncClient, **fields: str) -> Response:
    page = (await browser.get(SCREENS)).text
    hidden = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', page))
    return await browser.post(SCREENS, data=hidden | fields, headers={"accept": "text/html"})


async def test_a_hall_without_a_screen_is_told_how_to_get_one(service: Service) -> None:
    page = (await (await service.browser("manager")).get(SCREENS)).text

    assert "No screen shows this hall yet" in page
    assert "Open hall.test/display on the TV" in page


async def test_each_screen_is_listed_with_when_it_was_seen(service: Service) -> None:
    on, off, new = await a_screen(service), await a_screen(service), await a_screen(service, name="Left of the door")
    await pairing.seen([off], service.clock())
    service.clock.advance(hours=25)
    await pairing.seen([on], service.clock())

    page = (await (await service.browser("manager")).get(SCREENS)).text

    assert "1 of 3 screens are on." in page
    assert page.count("state--go") == 1
    assert "Off, last seen Nov 23 10:00" in page
    assert "Not seen yet" in page
    assert "Left of the door" in page
    assert "Paired Nov 23 10:00 by Manager" in page
    assert new in page


async def test_a_screen_is_paired_by_its_code_and_named(service: Service) -> None:
    code = (await pairing.make_device(NewDevice(), service.clock())).code

    answer = await send(await service.browser("manager"), act="pair", code=code.lower(), name=" By the stairs ")

    device = await Device.get()
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SCREENS}?done=screen_paired")
    assert (device.hall, device.name, device.paired_by) == ("heping", "By the stairs", "staff:manager")


async def test_a_code_that_no_screen_shows_is_refused_and_stays_typed(service: Service) -> None:
    answer = await send(await service.browser("manager"), act="pair", code="ABC234", name="By the stairs")

    assert answer.status_code == 404
    assert "No screen shows this code now" in answer.text
    assert 'value="ABC234"' in answer.text
    assert 'value="By the stairs"' in answer.text


async def test_a_screen_is_named_and_its_name_taken_away(service: Service) -> None:
    screen, browser = await a_screen(service), await service.browser("manager")

    await send(browser, act="rename", of=screen, name="By the stairs")
    named = (await Device.get(id=screen)).name
    await send(browser, act="rename", of=screen, name="")

    assert (named, (await Device.get(id=screen)).name) == ("By the stairs", None)


async def test_a_name_that_does_not_fit_stays_typed(service: Service) -> None:
    screen, browser, name = await a_screen(service), await service.browser("manager"), "By the stairs\u200b"
    code = (await pairing.make_device(NewDevice(), service.clock())).code

    paired = await send(browser, act="pair", code=code, name=name)
    renamed = await send(browser, act="rename", of=screen, name=name)

    assert f'value="{code}"' in paired.text
    for answer in (paired, renamed):
        assert (answer.status_code, f'value="{name}"' in answer.text) == (400, True)
    assert await Device.filter(name__isnull=False).count() == 0


async def test_a_screen_is_taken_off(service: Service) -> None:
    screen = await a_screen(service)

    answer = await send(await service.browser("manager"), act="revoke", of=screen)

    assert answer.headers["location"] == f"{SCREENS}?done=screen_revoked"
    assert (await Device.get(id=screen)).revoked_at is not None


@pytest.mark.parametrize("act", ["rename", "revoke", "nonsense"])
async def test_a_screen_of_another_hall_is_not_touched(service: Service, act: str) -> None:
    screen = await a_screen(service, "nankai", "By the stairs")

    answer = await send(await service.browser("manager"), act=act, of=screen, name="Mine")

    device = await Device.get(id=screen)
    assert answer.status_code == 403
    assert (device.name, device.revoked_at) == ("By the stairs", None)


async def test_a_name_that_hides_something_is_refused(service: Service) -> None:
    screen = await a_screen(service)

    answer = await send(await service.browser("manager"), act="rename", of=screen, name="door\u202etxt")

    assert answer.status_code == 400
    assert (await Device.get(id=screen)).name is None


async def test_programs_name_screens_too(service: Service) -> None:
    screen, manager = await a_screen(service), await service.signed_in("manager")

    answer = await manager.put(f"/api/v1/displays/{screen}", json={"name": "By the stairs"})
    again = await manager.put(f"/api/v1/displays/{screen}", json={"name": "By the stairs"})
    listed = (await manager.get("/api/v1/halls/heping/displays")).json()

    assert answer.status_code == again.status_code == 200
    assert answer.json() == again.json() == listed["displays"][0]
    assert (answer.json()["name"], answer.json()["alive"]) == ("By the stairs", False)


async def test_a_screen_can_be_named_while_it_is_paired(service: Service) -> None:
    code, manager = (await pairing.make_device(NewDevice(), service.clock())).code, await service.signed_in("manager")

    answer = await manager.post(
        "/api/v1/halls/heping/displays", json={"code": code, "name": "Door"}, headers=with_key("pair-a-device-001")
    )

    assert answer.json()["name"] == "Door"


async def test_a_revoked_screen_says_so_and_offers_a_new_code(service: Service) -> None:
    screen = service.client(accept="text/html")
    first = re.search(r'data-code="([^"]+)"', (await screen.get("/display")).text)
    assert first is not None
    await send(await service.browser("manager"), act="pair", code=first[1])
    device = (await Device.get()).id
    assert "board__floor" in (await screen.get("/display")).text

    await send(await service.browser("manager"), act="revoke", of=device)
    page = (await screen.get("/display")).text

    assert "A manager has taken this screen off Heping hall." in page
    assert re.search(r'data-code="([^"]+)"', page)[1] != first[1]  # type: ignore[index]
    assert "taken this screen off" not in (await screen.get("/display")).text

"""The display's page and the form that pairs it."""

import re

import pytest
from httpx2 import AsyncClient, Response

from o2o.kernel.database import transaction
from qr.service import PAIRING, signed_code
from tests.serving import Service
from websocket import pages, pairing
from websocket.models import Device

pytestmark = pytest.mark.once


async def _code_on(screen: AsyncClient) -> str:
    return re.search(r'data-code="([^"]+)"', (await screen.get("/display")).text)[1]  # type: ignore[index]


async def _enter(browser: AsyncClient, code: str, hall: str = "heping", **more: str) -> Response:
    page = (await browser.get("/display/pair")).text
    hidden = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', page))
    return await browser.post("/display/pair", data={**hidden, "code": code, "hall": hall, **more})


async def test_an_unpaired_screen_shows_a_code_and_keeps_it(service: Service) -> None:
    screen = service.client()

    assert await _code_on(screen) == await _code_on(screen)
    assert await Device.all().count() == 1


async def test_two_screens_show_two_codes(service: Service) -> None:
    assert await _code_on(service.client()) != await _code_on(service.client())


async def test_the_screens_cookie_is_kept_from_scripts(service: Service) -> None:
    answer = await service.client().get("/display")

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("display=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert cookie.partition(";")[0].partition("=")[2] not in answer.text


async def test_after_a_quarter_of_an_hour_the_screen_shows_another_code(service: Service) -> None:
    screen = service.client()
    first = await _code_on(screen)

    service.clock.advance(minutes=15)

    assert await _code_on(screen) != first
    assert await Device.all().count() == 1


async def test_the_page_works_without_scripts(service: Service) -> None:
    page = (await service.client().get("/display")).text

    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page


async def test_a_manager_pairs_the_screen_and_it_shows_the_hall(service: Service) -> None:
    screen, manager = service.client(), await service.browser("manager")

    answer = await _enter(manager, await _code_on(screen))

    assert answer.status_code == 200
    assert "Heping hall" in answer.text
    board = await screen.get("/display")
    assert 'data-stream="/ws/halls/heping"' in board.text
    assert "/qr/" in board.text


async def test_a_revoked_screen_asks_to_be_paired_again(service: Service) -> None:
    screen, manager = service.client(), await service.browser("manager")
    await _enter(manager, await _code_on(screen))
    device = await Device.first()
    assert device is not None

    await transaction(lambda client: pairing.revoke(client, device.id, "staff:manager", service.clock()))

    assert await _code_on(screen) is not None
    assert await Device.all().count() == 2


async def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(service: Service) -> None:
    answer = await service.client().get("/display/pair?code=ABC234")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fdisplay%2Fpair%3Fcode%3DABC234"


async def test_the_scanned_code_is_filled_in(service: Service) -> None:
    manager = await service.browser("manager")

    assert 'value="ABC234"' in (await manager.get("/display/pair?code=ABC234")).text


async def test_a_wrong_code_is_said_on_the_form(service: Service) -> None:
    answer = await _enter(await service.browser("manager"), "ABC234")

    assert answer.status_code == 404
    assert "No screen shows this code now." in answer.text
    assert 'value="ABC234" aria-invalid="true"' in answer.text


async def test_a_manager_can_not_pair_for_another_hall(service: Service) -> None:
    screen, manager = service.client(), await service.browser("manager")

    answer = await _enter(manager, await _code_on(screen), "nankai")

    assert answer.status_code == 403
    assert await Device.filter(paired_at__not_isnull=True).count() == 0


async def test_a_form_of_another_site_pairs_nothing(service: Service) -> None:
    screen, manager = service.client(), await service.browser("manager")

    answer = await _enter(manager, await _code_on(screen), csrf="forged")

    assert answer.status_code == 403
    assert await Device.filter(paired_at__not_isnull=True).count() == 0


async def test_a_clerk_may_not_pair(service: Service) -> None:
    assert (await (await service.browser("clerk1")).get("/display/pair")).status_code == 403


async def test_headquarters_choose_among_all_halls(service: Service) -> None:
    page = (await (await service.browser("hq")).get("/display/pair")).text

    assert 'value="heping"' in page
    assert 'value="nankai"' in page


async def test_who_has_many_halls_chooses_the_screens_first_and_keeps_its_code(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FEW", 1)
    headquarters, code = await service.browser("hq"), await _code_on(service.client())

    halls = (await headquarters.get(f"/display/pair?code={code}")).text
    assert "Which hall?" in halls
    assert f'href="/display/pair?code={code}&amp;hall=heping"' in halls
    page = (await headquarters.get(f"/display/pair?code={code}&hall=heping")).text
    hidden = dict(re.findall(r'name="(csrf|key|code|hall)"[^>]* value="([^"]*)"', page))
    answer = await headquarters.post("/display/pair", data=hidden)

    assert "The screen now shows Heping hall." in answer.text


async def test_the_screen_carries_a_code_of_its_own_to_scan(service: Service) -> None:
    page = (await service.client().get("/display")).text
    device = await Device.get()

    assert f"/qr/{signed_code(service.state['signer'], PAIRING, device.id)}.svg" in page

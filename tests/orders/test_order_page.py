"""An order's page, asked for as a browser without scripts asks."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from orders import order_page
from tests.orders.shop import ADDRESS, ROUTES, a_wish, act, open_shop, placed, stock_of
from tests.serving import Service, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*order_page.routes, *ROUTES], O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=5)
        yield service


@pytest.fixture
def browser(service: Service) -> AsyncClient:
    return service.client(accept="text/html")


async def opened(browser: AsyncClient, made: dict[str, Any]) -> str:
    """Where the order's page is, once the browser has followed its link and so has the right to it."""
    answer = await browser.get(f"/o/{made['id']}?k={made['token']}")
    return answer.headers["location"]


async def test_the_link_gives_the_right_and_hides_it_and_nobody_else_sees_it(
    service: Service, browser: AsyncClient
) -> None:
    made = await placed(service.client())
    path = f"/o/{made['id']}"

    assert [(await browser.get(path + end)).status_code for end in ("", "?k=wrong", "/pickup.svg")] == [404] * 3
    answer = await browser.get(f"{path}?k={made['token']}")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = await browser.get(path)
    code = made["pickup_code"]
    assert f"{code[:4]} {code[4:8]} {code[8:]}" in page.text
    assert (await browser.get(f"{path}/pickup.svg")).headers["content-type"] == "image/svg+xml"


async def test_of_what_comes_in_both_ways_the_page_says_so_and_what_is_paid_where(
    service: Service, browser: AsyncClient, clerk: AsyncClient
) -> None:
    made = await placed(service.client(), a_wish(6, address=ADDRESS, split=True))
    link = f"/o/{made['id']}?k={made['token']}"
    page = await browser.get(link, follow_redirects=True)

    assert "Part is kept in the hall, part comes to your door" in page.text
    assert "You pay for everything at the counter." in page.text
    assert f'data-link="{link}"' in page.text
    assert "Send it to whoever collects it" in page.text
    await act(clerk, made["id"], "payment", method="cash")
    await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])
    page = await browser.get(link, follow_redirects=True)
    assert "We are packing it for you" in page.text
    assert "Keep or send its link" in page.text


async def test_its_owner_cancels_it_by_the_form(browser: AsyncClient) -> None:
    path = await opened(browser, await placed(browser))
    key = re.search(r'name="key" value="([^"]+)"', (await browser.get(path)).text)
    assert key
    answer = await browser.post(f"{path}/cancellation", data={"key": key[1]})

    assert answer.status_code == 303
    page = await browser.get(path)
    assert "This order was cancelled" in page.text
    assert "pickup.svg" not in page.text
    assert await stock_of("heping") == (2, 0, 0)


async def test_the_page_follows_the_order(browser: AsyncClient, clerk: AsyncClient) -> None:
    made = await placed(browser)
    path, order = await opened(browser, made), made["id"]
    await act(clerk, order, "readiness")
    assert "It is ready: come and collect it" in (await browser.get(path)).text
    await act(clerk, order, "payment", method="cash")
    ready = await browser.get(path)
    assert "It is paid." in ready.text
    code = re.search(r'translate="no">([^<]+)<', ready.text)
    assert code
    await act(clerk, order, "handover", pickup_code=code[1])
    assert "You have it all" in (await browser.get(path)).text

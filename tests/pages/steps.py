"""What people do on the pages, as the tests tell it."""

import secrets
from collections.abc import Sequence
from typing import Any

from playwright.async_api import Page, expect

from tests.pages.conftest import PASSWORD


async def take_number(phone: Page, hall: str, service: str) -> str:
    """Take a number on a hall's page; returns it."""
    await phone.goto(f"/halls/{hall}")
    await phone.click(f"label[for=service-{service}]")
    await phone.click(".sheet [type=submit]")
    await phone.wait_for_selector(".pass")
    return await phone.inner_text("[data-field=number]")


async def begun(page: Page) -> None:
    """Wait until the page's script runs: before that a form is sent as without one.

    What only a script shows is no sign of it: while some of a page's styles are still to come, they show it too.
    """
    await page.wait_for_selector("html[data-begun]", state="attached")


async def come(page: Page, hall: str, services: Sequence[str]) -> list[str]:
    """Let people take numbers for these services elsewhere; returns their tickets."""
    tickets = []
    for service in services:
        key = {"Idempotency-Key": secrets.token_hex(16)}
        answer = await page.request.post(f"/api/v1/halls/{hall}/tickets", data={"service": service}, headers=key)
        assert answer.status == 201
        tickets.append(str((await answer.json())["id"]))
    return tickets


async def by_staff(office: Page, path: str, body: dict[str, Any] | None = None, *, method: str = "POST") -> None:
    """Let headquarters ask this of the API, elsewhere."""
    signed_in = await office.request.post("/api/v1/session", data={"username": "hq", "password": PASSWORD})
    token = (await signed_in.json())["token"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": secrets.token_hex(16)}
    answer = await office.request.fetch(f"/api/v1{path}", method=method, data=body or {}, headers=headers)
    assert answer.ok, await answer.text()


async def claim(phone: Page, hall: str, service: str, class_: str) -> str:
    """Take a number elsewhere as somebody who says that they have this class; returns it."""
    key, wish = {"Idempotency-Key": secrets.token_hex(16)}, {"service": service, "class": class_}
    answer = await phone.request.post(f"/api/v1/halls/{hall}/tickets", data=wish, headers=key)
    return str((await answer.json())["number"])


async def open_counter(tablet: Page) -> None:
    """Open the counter of the page, whatever was left at it."""
    await phase_is_not(tablet, "")
    if await tablet.get_attribute("body", "data-phase") == "closed":
        await press(tablet, "open")
        await phase_is(tablet, "idle")


async def close_counter(tablet: Page) -> None:
    """Close the counter of the page, if somebody left it open."""
    await phase_is_not(tablet, "")
    if await tablet.get_attribute("body", "data-phase") == "idle":
        await press(tablet, "close")
    await phase_is(tablet, "closed")


async def press(tablet: Page, act: str) -> None:
    """Press a button of the counter, by the name of its act."""
    await tablet.click(f"button[value={act}]:visible")


async def key(tablet: Page, name: str) -> None:
    """Press a key of the counter, once it takes a press for one of its own."""
    await tablet.wait_for_selector("body:not(.desk--settling)")
    await tablet.keyboard.press(name)


async def phase_is(page: Page, phase: str) -> None:
    await expect(page.locator("body")).to_have_attribute("data-phase", phase)


async def phase_is_not(page: Page, phase: str) -> None:
    await expect(page.locator("body")).not_to_have_attribute("data-phase", phase)


async def call(tablet: Page, number: str) -> None:
    """Call the chosen number from the line."""
    await tablet.locator(".line__row", has_text=number).locator(".line__call").click()
    await phase_is(tablet, "called")


async def finish(tablet: Page) -> None:
    """Serve whoever has been called, to the end."""
    await press(tablet, "start")
    await phase_is(tablet, "serving")
    await press(tablet, "complete")
    await phase_is(tablet, "idle")


async def pair(screen: Page, manager: Page, hall: str) -> None:
    """Pair a screen by the code that it shows; the manager is signed in."""
    await screen.goto("/display")
    code = await screen.get_attribute("[data-code]", "data-code")
    await manager.goto("/display/pair")
    await manager.fill("#code", code or "")
    if await manager.locator(f"input[type=radio][value={hall}]").count():
        await manager.check(f"input[value={hall}]")
    await manager.click("main [type=submit]")
    await screen.wait_for_selector(".board")


async def serve_and_close(tablet: Page, number: str) -> None:
    """Serve the chosen number to the end, and close the counter."""
    await call(tablet, number)
    await finish(tablet)
    await press(tablet, "close")
    await phase_is(tablet, "closed")


async def serve_at(tablet: Page, phone: Page) -> str:
    """Let somebody come and be served at the counter of the page; returns the number."""
    number = await take_number(phone, "heping", "bill")
    await tablet.reload()
    await open_counter(tablet)
    await call(tablet, number)
    await press(tablet, "start")
    await phase_is(tablet, "serving")
    return number

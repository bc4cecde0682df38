"""What a clerk does on the page, and who comes to the hall."""

import re
import secrets
from typing import Any

from httpx2 import AsyncClient, Response

from tests.serving import Service, with_key


async def press(tablet: AsyncClient, act: str, counter: str = "heping-1", **fields: Any) -> Response:
    """Send a form of the counter's page with one of its buttons; without a script it comes back with the page."""
    return await send(tablet, act, counter, {}, **fields)


async def tell(tablet: AsyncClient, act: str, **fields: Any) -> Response:
    """The same as a script sends it."""
    return await send(tablet, act, "heping-1", {"accept": "application/json"}, **fields)


async def send(tablet: AsyncClient, act: str, counter: str, headers: dict[str, str], **fields: Any) -> Response:
    page = (await tablet.get("/clerk", params={"counter": counter})).text
    form = page[page.index('id="deeds"') :]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    return await tablet.post("/clerk", data=hidden | {"act": act, **fields}, headers=headers, follow_redirects=True)


async def come(service: Service, service_id: str = "sim", hall: str = "heping", **more: Any) -> str:
    """Somebody takes a number; returns the ticket's id."""
    path, key = f"/api/v1/halls/{hall}/tickets", with_key(secrets.token_hex(12))
    answer = await service.client().post(path, json={"service": service_id, **more}, headers=key)
    return str(answer.json()["id"])


async def pause(service: Service, **what: Any) -> None:
    manager, path = await service.signed_in("manager"), "/api/v1/halls/heping/pause"
    await manager.post(path, json={"issuing": False, "calling": False, **what}, headers=with_key("pause-the-hall-now"))


def numbers(page: str) -> list[str]:
    """The line as the page shows it."""
    line = page[page.index("data-line>") : page.index("</ol>")]
    return re.findall(r'class="line__number number" data-field="number">(\w+)<', line)

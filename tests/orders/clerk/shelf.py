"""What a clerk does at the shelf and the till, by a browser without scripts."""

import re
import secrets
from typing import Any

from httpx2 import AsyncClient, Response

from halls.stock.schemas import Hold
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.http import Operation
from orders.contacts import read_contact
from orders.models import MoneyEventRecord
from orders.order_schemas import PlaceOrder, WishedLine
from orders.service.placing import place
from tests.serving import Service, with_key

PAGE = "/clerk/sell"
AT_HOME = {
    "name": "李明",
    "province": "天津市",
    "city": "",
    "district": "和平区",
    "street": "南京路 1 号",
    "phone": "13800138000",
}


def attempt(service: Service, actor: str = "staff:clerk1") -> Attempt:
    return Attempt(Operation(secrets.token_urlsafe(16), ""), actor, to_ms(service.clock()))


async def press(clerk: AsyncClient, act: str, key: str = "", **fields: Any) -> Response:
    """Press a button of the page as it stands."""
    page = (await clerk.get(PAGE, params={"counter": "heping-1"})).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = {"act": act, "counter": "heping-1", "csrf": csrf[1], "key": key or secrets.token_urlsafe(16), **fields}
    return await clerk.post(PAGE, data=form)


async def done(clerk: AsyncClient, answer: Response) -> str:
    assert answer.status_code == 303, answer.text
    return (await clerk.get(answer.headers["location"])).text


async def waiting_with(service: Service, quantity: int) -> tuple[str, Hold]:
    """Somebody with a number that carries so many cases."""
    stock, signer = service.state["stock"], service.state["signer"]
    hold = await stock.hold("heping", "case-clear", quantity, attempt(service), holder="li")
    wish = {"service": "device", "hold": f"{hold.id}.{signer.token('hold', hold.id)}"}
    answer = await service.client().post(
        "/api/v1/halls/heping/tickets", json=wish, headers=with_key(secrets.token_urlsafe(16))
    )
    return answer.json()["id"], hold


async def ordered(service: Service, quantity: int = 1) -> tuple[str, str]:
    """An order to be picked up in Heping, and its code."""
    lines = (WishedLine("case-clear", quantity),)
    wish = PlaceOrder(hall="heping", lines=lines, fulfilment="pickup", phone="13800138000")
    order = await place(service.state, wish, attempt(service, "anonymous"))
    contact = await read_contact(service.state["signer"], order.id)
    assert contact is not None
    assert contact.pickup is not None
    return order.id, contact.pickup


async def money() -> list[tuple[str, int, str | None]]:
    return [(row.method, row.amount, row.counter) for row in await MoneyEventRecord.all().order_by("at")]

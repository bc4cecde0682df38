"""Many who want what there is little of, over HTTP: each orders, pays and gets it, or is told that it is gone."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from httpx2 import AsyncClient

from tests.faults.operations import Known, Operation, Recorder, Who, signed_in
from tests.installation import Installation
from tests.orders.shop import ADDRESS, SKU, a_wish
from tests.serving import with_key

BUYERS: Final = 400
AT_ONCE: Final = 40
PRICE: Final = 12900
STOCK: Final = {"heping": 40, "nankai": 30, "tianjin": 30}
CASE: Final = {
    "names": {"zh-CN": "手机壳", "en": "Case"},
    "price": {"amount": "129.00", "currency": "CNY"},
    "kind": "accessory",
}


@dataclass
class Sale:
    """The demo's service sells a hundred cases. A 503 and no answer at all are asked again with the same key."""

    installed: Installation
    recorder: Recorder = field(default_factory=Recorder)

    @property
    def placed(self) -> list[Operation]:
        return [one for one in self.recorder.which(Known.OK) if one.path == "/orders"]

    async def open(self, client: AsyncClient) -> Who:
        """Let there be so many in each place; returns headquarters, who may do everything."""
        hq = await signed_in(client, "hq")
        made = await client.put(f"/api/v1/products/{SKU}", json=CASE, headers=hq.headers)
        assert made.is_success, made.text
        for place, quantity in STOCK.items():
            path, headers = f"/api/v1/places/{place}/stock/{SKU}/receipts", with_key(f"the-first-{place}")
            come = await client.post(path, json={"quantity": quantity}, headers=hq.headers | headers)
            assert come.is_success, come.text
        return hq

    async def to_all(self, client: AsyncClient, hq: Who | None) -> None:
        """Until each of them has it, paid (without `hq`: has ordered it), or has heard that it is gone."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def buyer(number: int) -> None:
            async with gate:
                if (made := await self._order(client, number)) and hq:
                    await self._pay_and_get(client, hq, made, number)

        await asyncio.gather(*map(buyer, range(BUYERS)))

    async def until(self, placed: int) -> None:
        """Wait until so many orders were answered."""
        async with asyncio.timeout(60):
            while len(self.placed) < placed:
                await asyncio.sleep(0.01)

    async def _order(self, client: AsyncClient, number: int) -> dict[str, Any] | None:
        wish = a_wish(1, phone=f"1390000{number:04}", address=ADDRESS, hall=("heping", "nankai")[number % 2])
        operation = self.recorder.invoke("/orders", wish)
        known = await operation.ask_until_known(client)
        return operation.answer if known is Known.OK else None

    async def _pay_and_get(self, client: AsyncClient, hq: Who, made: dict[str, Any], number: int) -> None:
        deeds: list[tuple[str, dict[str, Any]]] = [("payment", {"method": "cash"})]
        if made["lines"][0]["fulfilment"] == "pickup":
            deeds.append(("handover", {"pickup_code": made["pickup_code"]}))
        else:
            deeds.append(("shipment", {"carrier": "shunfeng", "tracking": f"SF{number:010}"}))
        for name, body in deeds:
            await self.recorder.invoke(f"/orders/{made['id']}/{name}", body, hq).ask_until_known(client)

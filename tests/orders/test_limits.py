"""Someone who hoards, guesses or scrapes: each limit holds, and its refusal says why and until when."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from halls.stock.states import HOLDS_PER_HOLDER
from o2o.kernel.limits import Limit
from orders import checkout, hold_endpoints, product_endpoints, product_pages, watching_endpoints
from orders.asking import LOOKS_PER_ADDRESS
from orders.hold_endpoints import HOLDS_PER_ADDRESS
from orders.models import OrderRecord
from orders.order_endpoints import ORDERS_PER_ADDRESS, ORDERS_PER_PHONE
from orders.service.collecting import ATTEMPTS, ATTEMPTS_OF_ONE
from orders.watching import MOST_WISHES
from tests.orders.goods import a_product, put
from tests.orders.shop import PHONE, ROUTES, SKU, a_wish, act, open_shop, order, placed
from tests.orders.test_checkout import hidden
from tests.serving import Service, serve, with_key

ALL = (
    *ROUTES,
    *checkout.routes,
    *hold_endpoints.routes,
    *product_endpoints.routes,
    *product_pages.routes,
    *watching_endpoints.routes,
)
HERE = "192.0.2.1"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, list(ALL)) as service:
        await open_shop(service, heping=300, nankai=300)
        yield service


async def used_up(service: Service, key: str, limit: Limit, *, left: int = 0) -> None:
    """Somebody has come so often already."""
    await service.state["redis"].mutate.set(f"o2o:limit:{key}", limit.most - left, ex=limit.per_seconds)


def heard(answer: Response) -> tuple[str, str]:
    """The code of a refusal until later, and what it says. Its header is among what it says to programs."""
    said = answer.json()
    assert answer.status_code == 429, answer.text
    assert int(answer.headers["retry-after"]) == said["retry_after"] > 0
    return said["code"], said["detail"]


async def keep(client: AsyncClient, place: str = "heping") -> Response:
    wish, headers = {"place": place, "sku": SKU, "quantity": 1}, with_key(secrets.token_hex(10))
    return await client.post("/api/v1/holds", json=wish, headers=headers)


async def watch(client: AsyncClient, sku: str = SKU, email: str = "li@customer.test") -> Response:
    headers = with_key(secrets.token_hex(10))
    return await client.post(f"/api/v1/products/{sku}/watchers", json={"email": email}, headers=headers)


async def let_go(client: AsyncClient, made: Response) -> None:
    right = {"authorization": f"Bearer {made.json()['token']}"}
    assert (await client.delete(made.headers["location"], headers=right)).status_code == 204


class TestHolds:
    async def test_of_one_browser_at_one_hall(self, service: Service) -> None:
        browser = service.client()
        await keep(browser)  # The first goes by the address; it gives the cookie.
        first, *_others = [await keep(browser) for _ in range(HOLDS_PER_HOLDER)]
        refused = await keep(browser)

        assert heard(refused) == (
            "too_many_holds",
            "You are keeping 10 here already, and nobody keeps more. The first is let go in 10 minutes.",
        )
        assert refused.json()["until"] == first.json()["expires_at"]
        assert (await keep(browser, "nankai")).status_code == 201

    async def test_of_one_address_under_ever_new_cookies(self, service: Service) -> None:
        await used_up(service, f"holds:{HERE}", HOLDS_PER_ADDRESS, left=40)
        kept, refused = 0, None
        while refused is None:
            browser = service.client()
            await let_go(browser, await keep(browser))
            for _ in range(HOLDS_PER_HOLDER):
                answer = await keep(browser)
                kept += answer.status_code == 201
            refused = answer if answer.status_code == 429 else None

        assert kept < 40
        assert heard(refused) == (
            "too_many",
            "From this connection 120 things were kept within ten minutes. Try again in 10 min.",
        )
        assert (await keep(service.client(address="198.51.100.7"))).status_code == 201


class TestOrders:
    async def test_of_one_phone_number(self, service: Service) -> None:
        many = [await order(service.client(address=f"198.51.100.{n}"), a_wish()) for n in range(ORDERS_PER_PHONE.most)]
        refused = await order(service.client(), a_wish())

        assert {answer.status_code for answer in many} == {201}
        said = "With this phone number 20 orders were tried within the hour. Try again in 60 min."
        assert heard(refused) == ("too_many", said)
        assert (await order(service.client(), a_wish(phone="13900000001"))).status_code == 201

    async def test_whoever_repeats_one_with_its_key_is_not_counted_again(self, service: Service) -> None:
        client, key = service.client(), "the-key-of-one-order"
        answers = [await order(client, a_wish(), key) for _ in range(ORDERS_PER_PHONE.most + 5)]

        assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(201, answers[0].json()["id"])}
        assert await OrderRecord.all().count() == 1

    async def test_of_one_address_on_the_page_too(self, service: Service) -> None:
        await used_up(service, f"orders:of:{HERE}", ORDERS_PER_ADDRESS)
        client = service.client(accept="text/html")
        shown = await client.get(f"/checkout?sku={SKU}&hall=heping&fulfilment=pickup")
        page = await client.post("/checkout", data=hidden(shown) | {"phone": PHONE})

        code, said = heard(await order(service.client(), a_wish()))
        assert code == "too_many"
        assert said.startswith("From this connection 300 orders came within a minute. Try again in ")
        assert (page.status_code, 0 < int(page.headers["retry-after"]) <= 60) == (429, True)
        assert "From this connection 300 orders came within a minute." in page.text
        assert await OrderRecord.all().count() == 0

    async def test_of_one_person_whatever_is_held(self, service: Service) -> None:
        await put(SKU, a_product(en="Case", limit_per_person=2))
        await placed(service.client(), a_wish(2))
        refused = await order(service.client(), a_wish())

        said = refused.json()
        assert (refused.status_code, said["code"], said["limit"], said["left"]) == (409, "limit_per_person", 2, 0)
        assert said["detail"] == "One person may have 2 of “Case”. You have ordered as many already."


@pytest.mark.parametrize("path", ["/api/v1/products", "/api/v1/products?q=case", f"/api/v1/products/{SKU}"])
async def test_products_are_not_read_all_the_time(service: Service, path: str) -> None:
    await used_up(service, f"products:{HERE}", LOOKS_PER_ADDRESS)

    code, said = heard(await service.client().get(path))

    assert code == "too_many"
    assert said.startswith("From this connection 600 pages of products were read in a minute. Try again in ")
    assert (await service.client(address="198.51.100.7").get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/products", "/products?q=case", f"/p/{SKU}?hall=heping"])
async def test_nor_are_their_pages(service: Service, path: str) -> None:
    await used_up(service, f"products:{HERE}", LOOKS_PER_ADDRESS)

    page = await service.client(accept="text/html").get(path)

    assert (page.status_code, 0 < int(page.headers["retry-after"]) <= 60) == (429, True)
    assert "From this connection 600 pages of products were read in a minute. Try again in " in page.text


class TestWaitingList:
    async def test_of_one_address(self, service: Service) -> None:
        await used_up(service, f"watchers:{HERE}", watching_endpoints.WISHES)

        said = "From this connection 30 people asked to be told within the hour. Try again in 60 min."
        assert heard(await watch(service.client())) == ("too_many", said)
        assert (await watch(service.client(address="198.51.100.7"))).status_code == 201

    async def test_of_one_person(self, service: Service) -> None:
        skus = [f"lamp-{n}" for n in range(MOST_WISHES + 1)]
        for sku in skus:
            await put(sku, a_product())
        *many, refused = [await watch(service.client(), sku) for sku in skus]

        assert {answer.status_code for answer in many} == {201}
        said: dict[str, Any] = refused.json()
        assert (refused.status_code, said["code"], said["limit"]) == (409, "too_many_wishes", MOST_WISHES)
        assert (
            said["detail"]
            == "You wait for 20 products already. Once you have been told of one you can ask for another."
        )


class TestPickupCodes:
    async def test_of_one_order_although_all_are_tried_under_one_key(self, service: Service) -> None:
        made, clerk = await placed(service.client()), await service.signed_in("clerk1")
        tries = [f"wrong{n}" for n in range(ATTEMPTS.most)]
        wrong = [await act(clerk, made["id"], "handover", "one-and-the-same-key", pickup_code=one) for one in tries]
        refused = await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])

        assert {answer.json()["code"] for answer in wrong} == {"wrong_pickup_code"}
        said = "For this order 10 codes were tried within the hour. Try again in 60 min."
        assert heard(refused) == ("too_many", said)

    async def test_whoever_repeats_an_attempt_is_not_counted_again(self, service: Service) -> None:
        made, clerk = await placed(service.client()), await service.signed_in("clerk1")
        await act(clerk, made["id"], "payment", method="cash")
        for _ in range(ATTEMPTS.most + 1):
            answer = await act(clerk, made["id"], "handover", "a-key-of-the-clerk", pickup_code=made["pickup_code"])
            assert answer.status_code == 200, answer.text

    async def test_of_one_clerk_at_all_orders(self, service: Service) -> None:
        made, clerk = await placed(service.client()), await service.signed_in("clerk1")
        await used_up(service, "pickup:by:staff:clerk1", ATTEMPTS_OF_ONE)

        refused = await act(clerk, made["id"], "handover", pickup_code=made["pickup_code"])

        said = "You have tried 60 codes within ten minutes. Try again in 10 min."
        assert heard(refused) == ("too_many", said)

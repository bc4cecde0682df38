"""Checkout, asked for as a browser without scripts asks."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Response

from messages.models import Outgoing
from orders import checkout, order_page
from orders.contacts import read_contact
from orders.models import LineRecord, OrderContactRecord, OrderRecord
from tests.orders.goods import a_product, put
from tests.orders.shop import ADDRESS, PHONE, ROUTES, SKU, a_wish, open_shop, placed, read, stock_of
from tests.serving import Service, serve

PATH = "/checkout"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*checkout.routes, *order_page.routes, *ROUTES], O2O_RATE_LIMITS="off") as service:
        await open_shop(service, heping=2, tianjin=5)
        yield service


@pytest.fixture
def phone(service: Service) -> AsyncClient:
    return service.client(accept="text/html")


def hidden(page: Response) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))


async def shown(phone: AsyncClient, fulfilment: str = "pickup", quantity: int = 1) -> Response:
    return await phone.get(f"{PATH}?sku={SKU}&hall=heping&fulfilment={fulfilment}&quantity={quantity}")


async def sent(phone: AsyncClient, page: Response, **typed: str) -> Response:
    return await phone.post(PATH, data=hidden(page) | {"phone": PHONE, **typed})


async def test_it_says_how_it_comes_and_what_it_costs_and_does_just_that(phone: AsyncClient) -> None:
    page = await shown(phone, quantity=2)
    assert "Pick it up at" in page.text
    assert "¥258" in page.text
    answer = await sent(phone, page)

    assert answer.status_code == 303, answer.text
    assert await stock_of("heping") == (2, 2, 0)
    order = await phone.get(answer.headers["location"])
    assert "It is kept for you in the hall" in order.text
    assert "You pay at the counter." in order.text


async def test_whom_a_copied_database_names_no_page_reads_to_its_thief(service: Service, phone: AsyncClient) -> None:
    made = await placed(service.client(), a_wish(fulfilment="delivery", address=ADDRESS))
    to_others = [(await OrderContactRecord.get(order_id=made["id"])).sealed, (await Outgoing.all())[0].contact or ""]

    for sealed in to_others:
        phone.cookies.set("buyer", sealed)
        assert PHONE not in (await shown(phone)).text


@pytest.mark.parametrize("fulfilment", ["pickup", "delivery"])
async def test_nobody_is_promised_a_message_to_a_phone_number(fulfilment: str, phone: AsyncClient) -> None:
    """No channel leads there, and carriers are told the number: docs/messages.md."""
    page = (await shown(phone, fulfilment)).text
    assert "How it stands is on the order's own page." in page.replace("&#39;", "'")
    assert "We tell you" not in page
    assert "Nobody else sees it" not in page


async def test_an_order_leads_to_the_hall_and_one_that_was_cancelled_asks_for_no_money(phone: AsyncClient) -> None:
    answer = await sent(phone, await shown(phone))
    address = answer.headers["location"]
    page = await phone.get(address)
    assert 'href="/halls/heping"' in page.text
    assert 'class="sums__total"' in page.text

    await phone.post(f"{address}/cancellation", data=hidden(page))
    page = await phone.get(address)
    assert "Nothing is kept for you any more." in page.text
    assert "Pick up · Cancelled" in page.text
    assert 'class="sums__total"' not in page.text


async def test_pressing_twice_is_one_order(phone: AsyncClient) -> None:
    page = await shown(phone)
    answers = [await sent(phone, page) for _ in range(2)]

    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await OrderRecord.all().count() == 1


async def test_who_has_ordered_before_finds_the_page_filled_in(service: Service, phone: AsyncClient) -> None:
    await sent(phone, await shown(phone, "delivery"), **ADDRESS)
    again = await shown(phone, "delivery")

    assert f'value="{PHONE}"' in again.text
    assert 'value="李华"' in again.text
    assert PHONE not in str(phone.cookies)
    assert PHONE not in (await shown(service.client(accept="text/html"))).text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "李\u202e华"}, "name"),
        ({"street": ""}, "street"),
        ({"street": "1"}, "street"),
        ({"code": "x" * 100}, ""),
    ],
)
async def test_what_no_parcel_could_be_sent_to_is_marked_and_nothing_is_ordered(
    phone: AsyncClient, wrong: dict[str, str], field: str
) -> None:
    answer = await sent(phone, await shown(phone, "delivery"), **(ADDRESS | wrong))

    assert answer.status_code == 400
    assert f'id="{field}-fault"' in answer.text or not field
    assert await OrderRecord.all().count() == 0


async def test_nobody_is_switched_to_delivery_they_choose_it(service: Service, phone: AsyncClient) -> None:
    page = await shown(phone)
    await placed(service.client())
    await placed(service.client(), a_wish(1, "pickup", phone="13900000001"))
    answer = await sent(phone, page)

    assert answer.status_code == 409
    assert "There is not enough of" in answer.text
    assert "Have it delivered instead" in answer.text
    assert await LineRecord.filter(fulfilment="delivery").count() == 0
    chosen = await shown(phone, "delivery")
    assert "Delivered to your door" in chosen.text
    answer = await sent(phone, chosen, **ADDRESS)
    assert "You pay at your door." in (await phone.get(answer.headers["location"])).text


async def test_another_price_is_shown_before_it_is_agreed_to(phone: AsyncClient) -> None:
    page = await shown(phone)
    await put(SKU, a_product(amount="139.00"))
    answer = await sent(phone, page)

    assert (answer.status_code, "The total is ¥139.00 now" in answer.text) == (409, True)
    assert await OrderRecord.all().count() == 0
    assert (await sent(phone, answer)).status_code == 303


async def test_what_was_typed_stays_when_something_is_wrong_with_it(phone: AsyncClient) -> None:
    answer = await sent(phone, await shown(phone, "delivery"), **(ADDRESS | {"district": "火星"}))

    assert answer.status_code == 400
    assert 'value="南京路 1 号 2-301"' in answer.text
    assert re.search(r'id="district"[^>]*aria-invalid="true"', answer.text)
    said = faults(answer)["district"]
    assert said.startswith("There is no district “火星” in 天津市. Perhaps one of these: ")
    assert said.count("区") == 3
    assert "Please look at what is marked below." in answer.text


async def test_an_address_in_letters_is_taken_as_it_was_written_where_it_is_said_what_couriers_read(
    service: Service, phone: AsyncClient
) -> None:
    page = await shown(phone, "delivery")
    written = ADDRESS | {"province": "河北省", "city": "Langfang", "district": "Guangyang", "street": "1 Xinhua Road"}
    answer = await sent(phone, page, **written)

    assert "Couriers read Chinese" in page.text
    assert answer.status_code == 303
    contact = await read_contact(service.state["signer"], (await OrderRecord.get()).id)
    assert contact is not None
    assert contact.address is not None
    assert contact.address.line == "河北省, Langfang, Guangyang, 1 Xinhua Road"


async def test_whose_province_and_city_are_known_is_offered_their_names(phone: AsyncClient) -> None:
    page = await shown(phone, "delivery")
    answer = await sent(phone, page, **(ADDRESS | {"province": "河北省", "city": "廊坊", "district": "南开"}))

    assert "<option value=" not in _names(page, "city")
    assert '<option value="石家庄市">' in _names(answer, "city")
    assert '<option value="广阳区">' in _names(answer, "district")  # Of a city by its short name too.
    assert answer.status_code == 400


def _names(page: Response, field: str) -> str:
    found = re.search(rf'<datalist id="{field}-names">(.*?)</datalist>', page.text)
    assert found
    return found[1]


async def test_each_field_that_is_empty_is_named(phone: AsyncClient) -> None:
    page = await shown(phone, "delivery")
    answer = await phone.post(PATH, data=hidden(page) | ADDRESS | {"phone": "", "name": "", "province": ""})

    assert answer.status_code == 400
    assert faults(answer) == {
        "phone": "Please enter your phone number.",
        "name": "Please fill this in.",
        "province": "Please choose one.",
    }
    assert "not a phone number" not in answer.text


async def test_a_province_we_do_not_deliver_to_is_named(phone: AsyncClient) -> None:
    answer = await sent(phone, await shown(phone, "delivery"), **(ADDRESS | {"province": "火星"}))

    assert re.search(r'<select id="province"[^>]*aria-invalid="true"', answer.text)
    assert faults(answer) == {"province": "“火星” is no province that we deliver to."}


@pytest.mark.parametrize(("language", "name"), [("en", "Inner Mongolia"), ("zh-CN", "内蒙古自治区")])
async def test_provinces_are_named_in_the_readers_language(phone: AsyncClient, language: str, name: str) -> None:
    page = await phone.get(f"{PATH}?sku={SKU}&hall=heping&fulfilment=delivery&lang={language}")

    assert f'<option value="内蒙古自治区">{name}</option>' in page.text


def faults(page: Response) -> dict[str, str]:
    """What is said beside which field."""
    return dict(re.findall(r'<p class="fault" id="(\w+)-fault">.*?<span>(.*?)</span>', page.text))


def offered(page: Response) -> list[str]:
    (windows,) = re.findall(r'<select id="window".*?</select>', page.text, flags=re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', windows)


async def test_when_it_comes_is_chosen_among_what_is_offered_and_told_on_the_order(phone: AsyncClient) -> None:
    page = await shown(phone, "delivery")
    answer = await sent(phone, page, **ADDRESS, window=offered(page)[1])
    order = await phone.get(answer.headers["location"])

    assert answer.status_code == 303, answer.text
    assert "Delivery · Kept for you · today 18:00–21:00" in read(order)
    assert 'id="window"' not in (await shown(phone)).text


async def test_a_time_that_has_passed_meanwhile_is_refused_beside_what_is_offered_now(
    service: Service, phone: AsyncClient
) -> None:
    page = await shown(phone, "delivery")
    first = offered(page)[0]
    service.clock.advance(hours=6)
    answer = await sent(phone, page, **ADDRESS, window=first)

    assert answer.status_code == 409
    assert "Choose one of the times" in faults(answer)["window"]
    assert first not in offered(answer)
    assert 'value="南京路 1 号 2-301"' in answer.text
    assert (await sent(phone, answer, **ADDRESS, window=offered(answer)[0])).status_code == 303


@pytest.mark.parametrize("window", ["soon", "2026-11-27T09:00:00/2026-11-27T12:00:00", "/", "2026-11-27/"])
async def test_a_time_that_is_none_is_refused(phone: AsyncClient, window: str) -> None:
    answer = await sent(phone, await shown(phone, "delivery"), **ADDRESS, window=window)

    assert answer.status_code == 400
    assert await OrderRecord.all().count() == 0


async def test_there_is_no_checkout_for_what_there_is_not(phone: AsyncClient) -> None:
    paths = ("?sku=nothing&hall=heping", f"?sku={SKU}&hall=nowhere")

    assert [(await phone.get(PATH + path)).status_code for path in paths] == [404] * 2

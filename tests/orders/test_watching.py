"""The waiting list: who asked first is told first, as many as there are units, each once."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from messages.models import Outgoing
from o2o.kernel.clock import to_ms
from orders import product_pages, watching, watching_endpoints
from orders.watching import KEPT, MOST_WISHES, TURN, Waiting, sweep_watchers
from orders.watching_models import WatcherRecord
from tests.orders.goods import a_product, put, set_level
from tests.serving import START, Service, add_halls, serve, with_key

PATH = "/api/v1/products/case-x200/watchers"
ROUTES = [*watching_endpoints.routes, *product_pages.routes]
MAIL = {"O2O_SMTP_URL": "smtp://127.0.0.1:9", "O2O_MAIL_FROM": "o2o <hall@o2o.test>"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES, **MAIL) as service:
        await add_halls(service, "heping", "nankai")
        await put("case-x200", a_product())
        yield service


async def wish(service: Service, *names: str, hall: str | None = None, sku: str = "case-x200") -> None:
    for name in names:
        service.clock.advance(seconds=1)
        body = {"email": f"{name}@customer.test"} | ({"hall": hall} if hall else {})
        answer = await service.client().post(
            f"/api/v1/products/{sku}/watchers", headers=with_key(f"wish-of-{name}-for-{sku}-{hall}"), json=body
        )
        assert answer.status_code == 201


async def told() -> list[str]:
    """Who was told, first the first."""
    subjects = [row.subject for row in await Outgoing.filter(purpose="back_in_stock").order_by("created_at", "id")]
    waited = {row.id: row.created_at for row in await WatcherRecord.all()}
    seconds = [(waited[subject] - to_ms(START)) // 1000 for subject in subjects]
    return ["?abcdefghij"[second] for second in seconds]


async def test_as_many_are_told_as_there_are_units_and_the_first_first(service: Service) -> None:
    await wish(service, "a", "b", "c")

    assert await Waiting(service.clock).step() == 0
    await set_level("heping", "case-x200", 2)
    assert await Waiting(service.clock).step() == 2
    assert await Waiting(service.clock).step() == 0

    assert sorted(await told()) == ["a", "b"]


async def test_who_waits_for_another_hall_keeps_nobody_back(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "MOST_TOLD", 1)
    await wish(service, "a", "b", hall="nankai")
    await wish(service, "c", hall="heping")
    await set_level("heping", "case-x200", 1)

    assert await Waiting(service.clock).step() == 1
    assert await told() == ["c"]


async def test_a_hall_with_little_for_many_keeps_back_nobody_who_takes_it_from_anywhere(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_TOLD", 2)
    await wish(service, "a", "b", "c", "d", hall="heping")
    await wish(service, "e")
    await set_level("heping", "case-x200", 1)
    await set_level("nankai", "case-x200", 5)

    assert [await Waiting(service.clock).step() for _look in range(2)] == [1, 1]
    assert sorted(await told()) == ["a", "e"]


async def test_the_next_are_told_after_two_hours_if_there_still_is_some(service: Service) -> None:
    await wish(service, "a", "b", "c")
    await set_level("heping", "case-x200", 1)
    await Waiting(service.clock).step()

    service.clock.advance(hours=1, minutes=59)
    assert await Waiting(service.clock).step() == 0
    service.clock.advance(minutes=1)
    assert await Waiting(service.clock).step() == 1
    await set_level("heping", "case-x200", 0)
    service.clock.now += TURN
    assert await Waiting(service.clock).step() == 0

    assert await told() == ["a", "b"]


async def test_each_is_told_once_however_often_it_comes_and_goes(service: Service) -> None:
    await wish(service, "a")
    for on_hand in (1, 0, 3, 0, 5):
        await set_level("heping", "case-x200", on_hand)
        await Waiting(service.clock).step()
        service.clock.now += TURN

    assert await told() == ["a"]


async def test_what_is_held_or_promised_is_nobodys_to_be_told_of(service: Service) -> None:
    await wish(service, "a")
    await set_level("heping", "case-x200", 3, held=2, allocated=1)

    assert await Waiting(service.clock).step() == 0


async def test_whoever_waits_in_one_hall_hears_of_that_hall_alone(service: Service) -> None:
    await wish(service, "a", hall="nankai")
    await wish(service, "b")
    await set_level("heping", "case-x200", 1)

    await Waiting(service.clock).step()
    assert await told() == ["b"]
    await set_level("nankai", "case-x200", 1)
    service.clock.advance(seconds=1)
    await Waiting(service.clock).step()

    assert await told() == ["b", "a"]
    (here,) = await Outgoing.filter(hall="nankai")
    assert here.link is not None
    assert "/p/case-x200?hall=nankai" in here.link


async def test_two_who_look_at_once_tell_nobody_too_many(service: Service) -> None:
    await wish(service, *"abcdefgh")
    await set_level("heping", "case-x200", 3)

    counts = await asyncio.gather(*(Waiting(service.clock).step() for _process in range(4)))

    assert sum(counts) == 3
    assert sorted(await told()) == ["a", "b", "c"]


async def test_what_is_not_listed_any_more_is_told_to_nobody(service: Service) -> None:
    await wish(service, "a")
    await put("case-x200", a_product(listed_to=START + timedelta(minutes=1)))
    await set_level("heping", "case-x200", 1)
    service.clock.advance(minutes=2)

    assert await Waiting(service.clock).step() == 0


async def test_a_repeat_and_a_second_wish_keep_the_one_place(service: Service) -> None:
    body, client = {"phone": "138 1234 1234"}, service.client()
    answers = [
        await client.post(PATH, headers=with_key(key), json=body)
        for key in ("the-first-wish-of-all", "the-first-wish-of-all", "the-second-wish-of-all")
    ]

    assert {(answer.status_code, answer.json()["to"]) for answer in answers} == {(201, "138****1234")}
    assert await WatcherRecord.all().count() == 1
    assert "1381234" not in str(await WatcherRecord.all().values())


async def test_a_repeat_is_answered_as_then_when_it_is_not_listed_any_more(service: Service) -> None:
    body, client = {"phone": "138 1234 1234"}, service.client()
    first = await client.post(PATH, headers=with_key("the-first-wish-of-all"), json=body)
    await put("case-x200", a_product(listed_to=START))
    again = await client.post(PATH, headers=with_key("the-first-wish-of-all"), json=body)
    anew = await client.post(PATH, headers=with_key("the-second-wish-of-all"), json=body)

    assert (again.status_code, again.json()) == (201, first.json())
    assert anew.json()["code"] == "product_not_found"


async def test_one_person_waits_for_so_many_products_and_no_more(service: Service) -> None:
    for number in range(MOST_WISHES):
        await put(f"case-{number}", a_product())
        await wish(service, "a", sku=f"case-{number}")

    more = await service.client().post(PATH, headers=with_key("one-wish-too-many"), json={"email": "a@customer.test"})
    other = await service.client().post(
        PATH, headers=with_key("another-persons-wish"), json={"email": "b@customer.test"}
    )

    assert (more.status_code, more.json()["code"], more.json()["limit"]) == (409, "too_many_wishes", MOST_WISHES)
    assert other.status_code == 201
    assert await WatcherRecord.filter(sku="case-x200").count() == 1


async def test_one_address_asks_so_often_and_no_more(service: Service) -> None:
    limit, _window, _why = watching_endpoints.WISHES
    client = service.client(address="192.0.2.7")
    answers = [
        await client.post(
            PATH, headers=with_key(f"wish-number-{number:04}"), json={"email": f"n{number}@customer.test"}
        )
        for number in range(limit + 1)
    ]

    assert [answer.status_code for answer in answers] == [201] * limit + [429]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "email"),
        ({"email": "nobody"}, 400, "email"),
        ({"phone": "12"}, 400, "phone"),
        ({"email": "a@customer.test", "hall": "nowhere"}, 404, None),
    ],
)
async def test_a_wish_that_says_no_way_to_tell_is_refused(
    service: Service, body: dict[str, str], status: int, field: str | None
) -> None:
    answer = await service.client().post(PATH, headers=with_key("a-wish-without-sense"), json=body)

    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert await WatcherRecord.all().count() == 0


async def test_who_was_told_and_who_waits_in_vain_is_forgotten(service: Service) -> None:
    await wish(service, "a")
    await set_level("heping", "case-x200", 1)
    await Waiting(service.clock).step()
    await wish(service, "b")

    service.clock.advance(days=30, minutes=1)
    assert await sweep_watchers(30, service.clock) == 1
    service.clock.now += KEPT
    assert await sweep_watchers(30, service.clock) == 1
    assert await WatcherRecord.all().count() == 0


async def page(service: Service, path: str = "/p/case-x200?hall=heping") -> str:
    return unescape((await service.client().get(path)).text)


async def test_the_products_page_offers_the_list_only_when_there_is_none(service: Service) -> None:
    assert "Put me on the list" in await page(service)
    await set_level("heping", "case-x200", 1)
    assert "Put me on the list" not in await page(service)


async def test_the_form_puts_somebody_on_the_list_and_says_so(service: Service) -> None:
    form = dict(re.findall(r"name=\"(key|hall)\" value=\"([^\"]+)\"", await page(service)))

    answers = [
        await service.client().post("/p/case-x200/watchers", data={**form, "email": "a@customer.test"})
        for _press in "ab"
    ]

    assert all("You are on the list: a****@customer.test" in answer.text for answer in answers)
    (row,) = await WatcherRecord.all()
    assert (row.hall, row.language) == ("heping", "en")


async def test_the_form_says_what_was_wrong_with_it(service: Service) -> None:
    form = dict(re.findall(r"name=\"(key|hall)\" value=\"([^\"]+)\"", await page(service)))

    answer = await service.client().post("/p/case-x200/watchers", data={**form, "email": "nobody"})

    assert answer.status_code == 400
    assert "This is not an e-mail address." in answer.text
    assert 'value="nobody" aria-invalid="true"' in answer.text


async def test_a_service_that_sends_nothing_promises_nothing(tmp_path: Path) -> None:
    async with serve(tmp_path / "trial", ROUTES) as trial:
        await put("case-x200", a_product())
        assert "This is a trial: nothing is sent." in await page(trial, "/p/case-x200")


async def test_products_have_their_turn_one_after_the_other(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOKED_AT", 1)
    await put("case-y", a_product())
    for sku in ("case-x200", "case-y"):
        await wish(service, "a", "b", sku=sku)
        await set_level("heping", sku, 5)
    waiting = Waiting(service.clock)

    assert [await waiting.step() for _time in range(3)] == [2, 2, 0]

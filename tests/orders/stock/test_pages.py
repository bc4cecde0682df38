"""The staff's pages of a place's stock."""

import re
from html import unescape

import pytest
from httpx2 import AsyncClient, Response

from booking import choosing
from halls.stock.queries import level, movements_of
from orders.stock import pages
from tests.orders.goods import set_level
from tests.serving import Service

pytestmark = pytest.mark.once

CASE = "/stock/heping/products/case-x200"


async def receive(client: AsyncClient, quantity: int, path: str = "/api/v1/places/heping/stock/case-x200") -> None:
    key = {"Idempotency-Key": f"a-key-of-the-tests-{quantity}"}
    assert (await client.post(path + "/receipts", json={"quantity": quantity}, headers=key)).status_code == 201


async def press(client: AsyncClient, path: str, **fields: str) -> Response:
    """Send a form of the page, with what it hides."""
    page = (await client.get(path)).text
    hidden = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("csrf", "key")}  # type: ignore[index]
    return await client.post(path.partition("?")[0], data={**hidden, **fields})


def said(answer: Response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


async def test_who_has_one_place_is_led_there_and_who_has_none_stays_out(service: Service) -> None:
    clerk, hq = await service.browser("clerk1"), await service.browser("hq")

    led = await clerk.get("/stock")
    chosen = await hq.get("/stock")

    assert led.headers["location"] == "/stock/heping"
    assert re.findall(r'href="/stock/(\w+)"', chosen.text) == ["tianjin", "heping", "nankai"]
    assert (await service.client().get("/stock")).headers["location"] == "/sign-in?next=%2Fstock"


@pytest.mark.parametrize(
    ("words", "places"),
    [("和平", ["heping"]), ("warehouse", ["tianjin"]), ("heping", ["heping"])],
)
async def test_a_place_is_found_by_its_name(service: Service, words: str, places: list[str]) -> None:
    page = (await (await service.browser("hq")).get("/stock", params={"q": words})).text
    assert re.findall(r'href="/stock/(\w+)"', page) == places


async def test_many_places_come_a_part_at_a_time_warehouses_first(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "HALLS_A_PAGE", 2)
    headquarters = await service.browser("hq")

    first = (await headquarters.get("/stock")).text
    (following,) = re.findall(r'href="(/stock\?cursor[^"]+)"', first)
    rest = (await headquarters.get(unescape(following))).text

    assert [re.findall(r'href="/stock/(\w+)"', page) for page in (first, rest)] == [["tianjin", "heping"], ["nankai"]]


async def test_the_stock_says_what_can_be_sold(service: Service) -> None:
    await set_level("heping", "case-x200", 12, held=2, allocated=1)
    clerk = await service.browser("clerk1")

    answer = await clerk.get("/stock/heping")

    assert "Case case-x200 Can be sold 9 On hand 12 For orders 1 Kept 2" in said(answer)
    assert "Nothing here is called" in said(await clerk.get("/stock/heping?q=nothing"))


async def test_a_product_that_was_never_here_is_found_to_receive_the_first(service: Service) -> None:
    manager, clerk = await service.browser("manager"), await service.browser("clerk1")

    answer = await manager.get("/stock/heping?q=watch")

    assert 'href="/stock/heping/products/watch-s3"' in answer.text
    assert "watch-s3" not in (await clerk.get("/stock/heping?q=watch")).text


async def test_a_manager_receives_moves_and_takes_out(service: Service) -> None:
    manager = await service.browser("manager")

    received = await press(manager, CASE, act="receive", quantity="12")
    moved = await press(manager, CASE, act="transfer", quantity="4", to="nankai", reason="sold out there")
    damaged = await press(manager, CASE, act="damage", quantity="1", reason="torn")

    assert [one.headers["location"] for one in (received, moved, damaged)] == [
        f"{CASE}?done={act}" for act in ("receive", "transfer", "damage")
    ]
    assert (await level("heping", "case-x200")).on_hand == 7
    assert (await level("nankai", "case-x200")).on_hand == 4
    page = said(await manager.get(CASE))
    assert "−4 Moved to" in page
    assert "torn" in page


async def test_where_there_are_many_halls_another_is_written_by_its_name(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "NEAREST", 1)
    manager = await service.browser("manager")
    await press(manager, CASE, act="receive", quantity="12")
    page = (await manager.get(CASE)).text
    assert re.findall('<option value="([^"]+)"></option>', page) == ["tianjin warehouse"]

    unknown = await press(manager, CASE, act="transfer", quantity="4", to="Atlantis hall", reason="sold out there")
    moved = await press(manager, CASE, act="transfer", quantity="4", to=" nankai Hall", reason="sold out there")

    assert (unknown.status_code, 'value="Atlantis hall"' in unknown.text) == (400, True)
    assert moved.headers["location"] == f"{CASE}?done=transfer"
    assert (await level("nankai", "case-x200")).on_hand == 4
    assert "Nankai hall" in (await manager.get(CASE)).text


async def test_the_same_form_twice_is_one_deed(service: Service) -> None:
    manager = await service.browser("manager")
    page = (await manager.get(CASE)).text
    csrf, key = (re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("csrf", "key"))  # type: ignore[index]

    for _press in range(2):
        await manager.post(CASE, data={"csrf": csrf, "key": key, "act": "receive", "quantity": "5"})

    assert (await level("heping", "case-x200")).on_hand == 5


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"act": "receive", "quantity": "many"}, "quantity"),
        ({"act": "receive", "quantity": "0"}, "quantity"),
        ({"act": "damage", "quantity": "1"}, "reason"),
        ({"act": "transfer", "quantity": "1", "reason": "x", "to": "heping"}, "to"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    service: Service, fields: dict[str, str], field: str
) -> None:
    manager = await service.browser("manager")

    answer = await press(manager, CASE, **fields)

    assert answer.status_code == 400
    assert re.search(rf'id="{fields["act"]}-{field}"[^>]*aria-invalid="true"', answer.text)
    assert (await level("heping", "case-x200")).on_hand == 0


async def test_pieces_with_numbers_are_counted_by_them(service: Service) -> None:
    manager, path = await service.browser("manager"), "/stock/heping/products/watch-s3"

    answer = await press(manager, path, act="receive", serials="SN1\nSN2, SN3")

    assert answer.status_code == 303
    assert (await level("heping", "watch-s3")).on_hand == 3
    assert "3 serial numbers here SN1 SN2 SN3" in said(await manager.get(path))


async def test_a_clerk_sees_no_forms_and_none_is_taken_from_them(service: Service) -> None:
    clerk = await service.browser("clerk1")

    page = await clerk.get(CASE)

    assert 'name="act"' not in page.text
    token = re.search(r'name="csrf" value="([^"]*)"', page.text)
    assert token
    answer = await clerk.post(
        CASE, data={"csrf": token[1], "key": "a-key-of-sixteen", "act": "receive", "quantity": "1"}
    )
    assert answer.status_code == 403


async def test_what_is_counted_as_the_books_say_is_recorded_at_once(service: Service) -> None:
    await receive(await service.signed_in("manager"), 5)
    clerk = await service.browser("clerk1")

    answer = await press(clerk, "/stock/heping/count?sku=case-x200", sku="case-x200", on_hand="5")

    assert answer.headers["location"] == "/stock/heping/count?done=counted"
    newest, *_ = await movements_of("heping", "case-x200")
    assert (newest.kind, newest.quantity, newest.reason, newest.actor) == ("counted", 0, "agrees", "staff:clerk1")


async def test_a_difference_is_shown_and_recorded_with_a_reason_only(service: Service) -> None:
    await receive(await service.signed_in("manager"), 5)
    clerk, path = await service.browser("clerk1"), "/stock/heping/count?sku=case-x200"

    shown = await press(clerk, path, sku="case-x200", on_hand="3")
    bare = await press(clerk, path, sku="case-x200", on_hand="3", seen="5")
    unchanged = (await level("heping", "case-x200")).on_hand
    told = await press(clerk, path, sku="case-x200", on_hand="3", seen="5", reason="missing")

    assert "Counted 3 By the books 5 Difference −2" in said(shown)
    assert (bare.status_code, unchanged) == (400, 5)
    assert "Say why it differs: choose a reason, or write one." in said(bare)
    assert told.status_code == 303
    assert (await level("heping", "case-x200")).on_hand == 3


@pytest.mark.parametrize(("counted", "seen"), [("abc", "3"), ("3", "abc"), ("", "3"), ("9" * 5000,) * 2])
async def test_what_is_no_number_is_refused_and_shown_again(service: Service, counted: str, seen: str) -> None:
    await receive(await service.signed_in("manager"), 5)
    clerk, path = await service.browser("clerk1"), "/stock/heping/count?sku=case-x200"

    refused = await press(clerk, path, sku="case-x200", on_hand=counted, seen=seen)

    assert refused.status_code == 400


async def test_what_moved_while_somebody_counted_is_counted_once_more(service: Service) -> None:
    manager = await service.signed_in("manager")
    await receive(manager, 5)
    clerk, path = await service.browser("clerk1"), "/stock/heping/count?sku=case-x200"
    await receive(manager, 2)

    answer = await press(clerk, path, sku="case-x200", on_hand="4", seen="5", reason="missing")

    assert answer.status_code == 409
    assert "by the books there are 7 now" in said(answer)
    assert (await level("heping", "case-x200")).on_hand == 7


async def test_a_count_that_was_recorded_is_no_difference_for_who_sends_it_again(service: Service) -> None:
    manager, clerk = await service.signed_in("manager"), await service.browser("clerk1")
    await receive(manager, 5)
    filled = {"sku": "case-x200", "on_hand": "5", "key": "a-key-of-a-count-1"}
    await press(clerk, "/stock/heping/count?sku=case-x200", **filled)
    await receive(manager, 2)

    again = await press(clerk, "/stock/heping/count?sku=case-x200", **filled)

    assert (again.status_code, again.headers.get("location")) == (303, "/stock/heping/count?done=counted")
    assert (await level("heping", "case-x200")).on_hand == 7


async def test_counting_goes_from_what_was_never_counted_to_what_was_longest_ago(service: Service) -> None:
    await set_level("heping", "watch-s3", 1)
    await receive(await service.signed_in("manager"), 5)
    clerk = await service.browser("clerk1")
    await press(clerk, "/stock/heping/count?sku=case-x200", sku="case-x200", on_hand="5")

    page = (await clerk.get("/stock/heping/count")).text
    scanned = await clerk.get("/stock/heping/count?q=CASE-X200")
    unknown = await clerk.get("/stock/heping/count?q=https://hall.test/q/" + "x" * 32)

    assert re.findall(r'href="\?sku=([\w-]+)"', page) == ["watch-s3", "case-x200"]
    assert "How many are there?" in said(scanned)
    assert unknown.status_code == 200

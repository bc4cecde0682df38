"""Stock from a file and as a file, as the page does it."""

import csv
import re
from html import unescape
from io import StringIO
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from halls.models import StockMovement
from halls.stock.queries import level
from tests.orders.goods import set_level
from tests.servers import RedisServer
from tests.serving import Service, with_key

IMPORT = "/stock/heping/import"
TWO_LINES = "sku,quantity,on_hand,reason\ncase-x200,12,,delivery note 7\nrouter-1,,4,year's end\n"


def hidden(page: str) -> dict[str, str]:
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("csrf", "key")}  # type: ignore[index]


def said(answer: Response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def multipart(fields: dict[str, str], file: bytes = b"") -> dict[str, Any]:
    parts: dict[str, Any] = {name: (None, value.encode()) for name, value in fields.items()}
    return parts | {"file": ("stock.csv", file, "text/csv")}


async def look(client: AsyncClient, text: str = "", file: bytes = b"", **more: str) -> Response:
    fields = hidden((await client.get(IMPORT)).text) | {"act": "check", "text": text} | more
    return await client.post(IMPORT, files=multipart(fields, file))


async def carry_out(client: AsyncClient, text: str, key: str, csrf: str) -> Response:
    return await client.post(IMPORT, files=multipart({"csrf": csrf, "key": key, "act": "confirm", "text": text}))


@pytest.fixture(autouse=True)
async def _router(service: Service) -> None:
    hq = await service.signed_in("hq")
    given = {
        "names": {"zh-CN": "路由器", "en": "Router"},
        "price": {"amount": "229.00", "currency": "CNY"},
        "kind": "device",
    }
    assert (await hq.put("/api/v1/products/router-1", json=given)).status_code == 201


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_a_file_is_shown_line_by_line_before_anything_happens(service: Service, encoding: str) -> None:
    manager = await service.browser("manager")

    answer = await look(manager, file="商品编码,数量,原因\r\ncase-x200,12,到货\r\n".encode(encoding))

    assert answer.status_code == 200
    assert "1 line is ready." in said(answer)
    assert "2 Case Received 到货 0 → 12" in said(answer)
    assert (await level("heping", "case-x200")).on_hand == 0


async def test_what_was_looked_at_is_carried_out_line_by_line_and_once(service: Service) -> None:
    manager = await service.browser("manager")
    form = hidden((await look(manager, TWO_LINES)).text)

    first = await carry_out(manager, TWO_LINES, **form)
    again = await carry_out(manager, TWO_LINES, **form)

    assert "All 2 lines are carried out." in said(first)
    assert "All 2 lines are carried out." in said(again)
    assert [(one.sku, one.quantity, one.reason) for one in await StockMovement.all().order_by("sku")] == [
        ("case-x200", 12, "delivery note 7"),
        ("router-1", 4, "year's end"),
    ]


async def test_each_line_s_mistake_is_told_and_nothing_of_the_file_is_lost(service: Service) -> None:
    await set_level("heping", "router-1", 5, held=2, allocated=1)
    manager = await service.browser("manager")
    text = (
        "place,sku,quantity,on_hand,reason\n,case-x200,12,,\n,no-such-thing,1,,\natlantis,case-x200,1,,\n"
        "nankai,case-x200,1,,\n,watch-s3,1,,\n,router-1,,2,count\n"
    )

    answer = await look(manager, text)

    told = said(answer)
    assert "5 lines have a mistake" in told
    for mistake in (
        "There is no product “no-such-thing”",
        "There is no place “atlantis”",
        "You don't keep the stock of “nankai”",
        "Its pieces have serial numbers",
        "3 are kept for customers or sold",
    ):
        assert mistake in told
    assert "Carry it out" not in told
    assert text in unescape(answer.text)


async def test_a_file_with_a_mistake_is_not_carried_out_even_if_asked(service: Service) -> None:
    manager = await service.browser("manager")
    form = hidden((await manager.get(IMPORT)).text)

    answer = await carry_out(manager, "sku,quantity\ncase-x200,12\nno-such-thing,1\n", **form)

    assert "1 line has a mistake" in said(answer)
    assert await StockMovement.all().count() == 0


async def test_an_import_that_broke_off_goes_on_where_it_stopped(service: Service) -> None:
    manager = await service.browser("manager")
    form = hidden((await look(manager, TWO_LINES)).text)
    first, *_rest = TWO_LINES.splitlines(keepends=True)
    await carry_out(manager, first + "case-x200,12,,delivery note 7\n", **form)

    preview = await manager.post(IMPORT, files=multipart({**form, "act": "check", "text": TWO_LINES}))
    whole = await carry_out(manager, TWO_LINES, **form)

    assert "1 line is carried out and won't be done again." in said(preview)
    assert "All 2 lines are carried out." in said(whole)
    assert (await level("heping", "case-x200")).on_hand == 12
    assert (await level("heping", "router-1")).on_hand == 4


async def test_while_redis_is_away_the_same_form_waits_in_the_page_and_then_goes_on(
    service: Service, redis: RedisServer
) -> None:
    manager = await service.browser("manager")
    form = hidden((await look(manager, TWO_LINES)).text)
    await carry_out(manager, TWO_LINES.partition("router")[0], **form)
    await redis.kill()

    away = await carry_out(manager, TWO_LINES, **form)
    await redis.start()
    back = await carry_out(manager, TWO_LINES, **hidden(away.text))

    assert away.status_code == 503
    assert hidden(away.text)["key"] == form["key"]
    assert TWO_LINES in unescape(away.text)
    assert "All 2 lines are carried out." in said(back)
    assert (await level("heping", "case-x200")).on_hand == 12
    assert (await level("heping", "router-1")).on_hand == 4


async def test_what_was_carried_out_is_not_done_again_with_another_number(service: Service) -> None:
    manager = await service.browser("manager")
    form = hidden((await look(manager, TWO_LINES)).text)
    await carry_out(manager, TWO_LINES, **form)

    answer = await carry_out(manager, TWO_LINES.replace("12", "13"), **form)

    assert "This line was carried out before it was changed" in said(answer)
    assert (await level("heping", "case-x200")).on_hand == 12


async def test_the_next_file_is_another_one(service: Service) -> None:
    manager = await service.browser("manager")
    for _file in range(2):
        form = hidden((await look(manager, TWO_LINES)).text)
        await carry_out(manager, TWO_LINES, **form)

    assert (await level("heping", "case-x200")).on_hand == 24


@pytest.mark.parametrize(
    ("file", "status"),
    [(b"PK\x03\x04" + b"\0" * 50, 400), (b"\xff\xff", 400), (b"x" * (300 * 1024), 413), (b"x" * (700 * 1024), 413)],
)
async def test_what_is_no_such_file_is_refused_in_words(service: Service, file: bytes, status: int) -> None:
    manager = await service.browser("manager")

    assert (await look(manager, file=file)).status_code == status


async def test_text_from_a_file_does_nothing_to_the_page(service: Service) -> None:
    manager = await service.browser("manager")
    hostile = "</textarea><script>alert(1)</script>"

    answer = await look(manager, f'sku,quantity,reason\n"{hostile}",1,"{hostile}"\ncase-x200,1,"<b>x</b>"\n')

    assert "<script>alert" not in answer.text
    assert "<b>x" not in answer.text


async def test_only_who_keeps_the_place_brings_files_and_only_from_our_page(service: Service) -> None:
    clerk, manager = await service.browser("clerk1"), await service.browser("manager")
    form = {"key": "a-key-of-sixteen-signs", "csrf": "not-ours", "act": "confirm", "text": TWO_LINES}

    assert (await clerk.get(IMPORT)).status_code == 403
    assert (await manager.post(IMPORT, files=multipart(form))).status_code == 403
    assert await StockMovement.all().count() == 0


async def test_what_was_exported_can_be_filled_in_and_comes_back(service: Service) -> None:
    program, manager = await service.signed_in("manager"), await service.browser("manager")
    path = "/api/v1/places/heping/stock/case-x200/receipts"
    await program.post(
        path, json={"quantity": 12, "reason": "=HYPERLINK(1)"}, headers=with_key("a-key-of-sixteen-signs")
    )

    file = await manager.get("/stock/heping/stock.csv")
    form = hidden((await look(manager, file=file.content, reason="count")).text)
    movements = await manager.get("/stock/heping/movements.csv")

    assert file.content.startswith(b"\xef\xbb\xbf")
    assert file.headers["content-disposition"] == 'attachment; filename="stock-heping.csv"'
    (row,) = csv.DictReader(StringIO(file.content.decode("utf-8-sig"), newline=""))
    assert (row["sku"], row["on_hand"], row["available"]) == ("case-x200", "12", "12")
    done = await manager.post(
        IMPORT,
        files=multipart({**form, "act": "confirm", "text": "sku,on_hand\ncase-x200,11", "reason": "count"}),
    )
    assert "1 line is carried out." in said(done)
    (told,) = csv.DictReader(StringIO(movements.content.decode("utf-8-sig"), newline=""))
    assert (told["kind"], told["change"], told["why"], told["by"]) == (
        "received",
        "12",
        "'=HYPERLINK(1)",
        "staff:manager",
    )

from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from httpx2 import AsyncClient
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from o2o.app import routes
from o2o.codes.shelf_pdf import CELL, COLUMNS, MARGIN, MM, ROWS, Label, draw_labels
from o2o.kernel.models import Deed
from qr.models import CodeRecord
from qr.service import resolve
from tests.o2o.forms import Page
from tests.orders.goods import a_product, put
from tests.serving import START, Service, add_halls, add_people, serve, with_key

pytestmark = pytest.mark.once

PATH = "/api/v1/halls/heping/shelves"
PHONE = {"user-agent": "Mozilla/5.0 (iPhone) MicroMessenger", "accept-language": "en"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes()) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("manager", "clerk1", "hq")
        await put("phone-x200", a_product("手机", "Phone"))
        await put("case-x200", a_product())
        yield service


@pytest.fixture
async def manager(service: Service) -> AsyncClient:
    return await service.signed_in("manager")


async def make(client: AsyncClient, *places: str, key: str = "a" * 16, **more: Any) -> list[dict[str, Any]]:
    shelves = [{"sku": "phone-x200", "place": place, **more} for place in places]
    answer = await client.post(PATH, json={"shelves": shelves}, headers=with_key(key))
    assert answer.status_code == 201
    made: list[dict[str, Any]] = answer.json()["codes"]
    return made


async def test_many_codes_are_made_at_once_and_once_however_often_it_is_asked(manager: AsyncClient) -> None:
    first = await make(manager, "A1", "A2", campaign="spring")
    again = await make(manager, "A1", "A2", campaign="spring")

    assert first == again
    assert [(one["place"], one["issued_by"], one["campaign"]) for one in first] == [
        ("A1", "staff:manager", "spring"),
        ("A2", "staff:manager", "spring"),
    ]
    assert await CodeRecord.filter(kind="shelf").count() == 2
    assert [deed.after for deed in await Deed.filter(name="code.made")] == ['{"count":2}']


async def test_a_code_knows_whose_it_is_for_the_order_that_comes_of_it(service: Service, manager: AsyncClient) -> None:
    (made,) = await make(manager, "A1", issued_by="clerk1", campaign="spring")

    code = await resolve(service.state["signer"], made["code"], now=START)

    assert (code.kind, code.hall, code.place, code.sku) == ("shelf", "heping", "A1", "phone-x200")
    assert (code.issued_by, code.campaign) == ("clerk1", "spring")


async def test_a_scan_leads_to_the_product_in_this_hall_and_is_counted(service: Service, manager: AsyncClient) -> None:
    (made,) = await make(manager, "A1")
    phone = service.client()

    led = await phone.get(f"/q/{made['code']}?s=shelf", headers=PHONE)

    assert led.headers["location"] == f"/p/phone-x200?hall=heping&code={made['code']}"
    shown = await phone.get(f"/api/v1/codes/{made['code']}")
    assert shown.json() == {"kind": "shelf", "hall": "heping", "place": "A1", "sku": "phone-x200"}
    for state in service.states:
        await state["scans"].write()
    assert [one["scans"] for one in (await manager.get(PATH)).json()["codes"]] == [1]


async def test_a_code_is_moved_without_printing(service: Service, manager: AsyncClient) -> None:
    (made,) = await make(manager, "A1", issued_by="clerk1")

    moved = await manager.put(f"/api/v1/codes/{made['code']}/shelf", json={"sku": "case-x200", "place": "B2"})

    assert moved.json() | {"scans": 0} == made | {"sku": "case-x200", "place": "B2"}
    led = await service.client().get(f"/q/{made['code']}")
    assert led.headers["location"].startswith("/p/case-x200?")
    (deed,) = await Deed.filter(name="code.moved")
    assert (deed.tag, deed.subject, deed.before) == ("hall:heping", "shelf:B2", '{"place":"A1","sku":"phone-x200"}')


async def test_a_revoked_code_leads_nowhere_and_is_moved_no_more(service: Service, manager: AsyncClient) -> None:
    (made,) = await make(manager, "A1")
    await manager.delete(f"/api/v1/codes/{made['code']}")

    moved = await manager.put(f"/api/v1/codes/{made['code']}/shelf", json={"sku": "case-x200", "place": "B2"})

    assert moved.status_code == 404
    assert (await service.client().get(f"/q/{made['code']}")).status_code == 404
    assert (await manager.get(PATH)).json()["codes"] == []


async def test_a_door_is_no_shelf(service: Service, manager: AsyncClient) -> None:
    door = (await manager.get("/api/v1/halls/heping/codes")).json()["codes"][0]["code"]

    moved = await manager.put(f"/api/v1/codes/{door}/shelf", json={"sku": "case-x200", "place": "B2"})

    assert (moved.status_code, moved.json()["code"]) == (404, "code_not_found")


async def test_a_product_that_there_is_not_gets_no_code(manager: AsyncClient) -> None:
    body = {"shelves": [{"sku": "phone-x200", "place": "A1"}, {"sku": "nothing", "place": "A2"}]}

    answer = await manager.post(PATH, json=body, headers=with_key("b" * 16))

    assert (answer.status_code, answer.json()["field"]) == (400, "shelves[1].sku")
    assert await CodeRecord.filter(kind="shelf").count() == 0


async def test_only_the_halls_manager_makes_and_moves(service: Service, manager: AsyncClient) -> None:
    (made,) = await make(manager, "A1")
    clerk = await service.signed_in("clerk1")
    body = {"shelves": [{"sku": "phone-x200", "place": "A1"}]}

    assert (await clerk.post(PATH, json=body, headers=with_key("c" * 16))).status_code == 403
    assert (await manager.post(PATH.replace("heping", "nankai"), json=body)).status_code == 403
    spot = {"sku": "case-x200", "place": "B2"}
    assert (await clerk.put(f"/api/v1/codes/{made['code']}/shelf", json=spot)).status_code == 403


async def test_the_manager_makes_prints_moves_and_takes_away_on_a_page(service: Service) -> None:
    browser = await service.browser("manager")
    address = "/manage/heping/shelves"
    csrf = (await browser.get("/api/v1/session")).json()["csrf"]
    form = {"csrf": csrf, "key": "k" * 16, "shelf-phone-x200": "A1，A2", "shelf-case-x200": "", "campaign": "spring"}

    made = await browser.post(address, data=form)

    assert made.headers["location"] == f"{address}?done=shelves_made"
    assert {row.place for row in await CodeRecord.filter(kind="shelf")} == {"A1", "A2"}
    text = (await CodeRecord.get(place="A1")).id
    code = next(one["code"] for one in (await browser.get(PATH)).json()["codes"] if one["place"] == "A1")
    assert code.startswith(text[:20])
    moved = {"csrf": csrf, "key": "m" * 16, "code": code, "sku": "case-x200", "place": "B9", "do": "move"}
    assert (await browser.post(address, data=moved)).headers["location"] == f"{address}?done=shelf_moved"
    shown = unescape((await browser.get(address)).text)
    assert ">B9<" in shown
    gone = {"csrf": csrf, "key": "r" * 16, "code": code, "do": "revoke"}
    for _twice in range(2):
        assert (await browser.post(address, data=gone)).headers["location"] == f"{address}?done=shelf_revoked"
    assert ">B9<" not in (await browser.get(address)).text


async def test_an_empty_form_says_what_is_missing(service: Service) -> None:
    browser = await service.browser("manager")
    csrf = (await browser.get("/api/v1/session")).json()["csrf"]

    answer = await browser.post("/manage/heping/shelves", data={"csrf": csrf, "key": "k" * 16})

    assert answer.status_code == 400
    assert "Write at least one shelf beside a product." in unescape(answer.text)


@pytest.mark.parametrize(
    ("places", "said"),
    [("A" * 41, "is too long"), (",".join(["A1"] * 201), "At most 200 codes are made at once.")],
)
async def test_a_refused_form_keeps_what_was_written(service: Service, places: str, said: str) -> None:
    browser, written = await service.browser("manager"), {"shelf-case-x200": "B1, B2", "campaign": "spring"}
    csrf = (await browser.get("/api/v1/session")).json()["csrf"]

    answer = await browser.post(
        "/manage/heping/shelves", data={"csrf": csrf, "key": "k" * 16, "shelf-phone-x200": places, **written}
    )

    form = Page("/manage/heping/shelves", answer.text).forms[-1]
    assert (answer.status_code, written.items() <= form.values.items()) == (400, True)
    assert said in unescape(answer.text)
    assert await CodeRecord.filter(kind="shelf").count() == 0


async def test_labels_are_a_pdf_whose_codes_can_be_read(service: Service, manager: AsyncClient) -> None:
    made = await make(manager, "A1", "A2")

    answer = await (await service.browser("manager")).get("/manage/heping/shelves.pdf")

    assert answer.headers["content-type"] == "application/pdf"
    picture = pypdfium2.PdfDocument(answer.content)[0].render(scale=3).to_pil()
    assert {one.text for one in zxingcpp.read_barcodes(picture)} == {one["address"] for one in made}


@pytest.mark.parametrize(("count", "sheets"), [(1, 1), (COLUMNS * ROWS, 1), (COLUMNS * ROWS + 1, 2)])
def test_labels_take_as_many_sheets_as_they_need(count: int, sheets: int) -> None:
    label = Label("https://hall.example/q/x", ("星途 X200 5G 手机 曜石黑" * 4, "Phone"), "A1", "和平区营业厅")

    assert len(pypdfium2.PdfDocument(draw_labels([label] * count))) == sheets


def test_a_long_shelf_is_written_whole() -> None:
    place = "Shelf by the window on the left"
    label = Label("https://hall.test/q/x", ("手机壳", "Case"), place, "和平营业厅")

    text = pypdfium2.PdfDocument(draw_labels([label]))[0].get_textpage().get_text_range()
    assert place in " ".join(text.split())


def test_no_name_runs_over_the_next_label(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chinese has no spaces to end a line at, and the next label's code could not be read."""
    ends: list[float] = []

    def note(canvas: Any, x: float, _y: float, text: str) -> None:
        ends.append(x + stringWidth(text, canvas._fontname, canvas._fontsize))

    monkeypatch.setattr(Canvas, "drawString", note)
    name = "智能门锁高清摄像头增强版套装"

    draw_labels([Label("https://hall.example/q/a", (name, "lock" * 40), name, name * 3)])

    assert ends
    assert max(ends) <= (MARGIN[0] + CELL[0]) * MM

import io

import pytest
import zxingcpp
from PIL import Image

from qr.schemas import NewCode
from qr.service import code_for_hall, make_code
from tests.serving import START, Service


async def hall_code(service: Service, hall: str = "heping") -> str:
    return (await code_for_hall(service.state["signer"], hall, now=START)).text


async def test_a_code_says_what_it_is(service: Service) -> None:
    answer = await service.client().get(f"/api/v1/codes/{await hall_code(service)}")

    assert answer.status_code == 200
    assert answer.json() == {"kind": "hall", "hall": "heping", "place": None, "sku": None}


async def test_a_picture_holds_the_short_address_of_its_code(service: Service) -> None:
    code = await hall_code(service)

    answer = await service.client().get(f"/qr/{code}.png")

    assert answer.headers["content-type"] == "image/png"
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("L"))
    assert found.text == f"http://hall.test/q/{code}"


@pytest.mark.parametrize(("ending", "kind"), [("svg", "image/svg+xml"), ("png", "image/png")])
async def test_a_picture_that_a_browser_has_is_not_sent_again(service: Service, ending: str, kind: str) -> None:
    path = f"/qr/{await hall_code(service)}.{ending}"
    first = await service.client().get(path)

    again = await service.client().get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["content-type"] == kind
    assert "max-age=3600" in first.headers["cache-control"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/api/v1/codes/{}", "/qr/{}.svg", "/qr/{}.png", "/q/{}"])
async def test_forged_unknown_and_revoked_codes_get_the_same_answer(service: Service, path: str) -> None:
    revoked = await hall_code(service)
    hq = await service.signed_in("hq")
    await hq.delete(f"/api/v1/codes/{revoked}")

    answers = [await service.client().get(path.format(code)) for code in (revoked, "A" * 32, "short")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert {answer.json()["code"] for answer in answers} == {"code_not_found"}
    assert len({answer.json()["detail"] for answer in answers}) == 1


async def test_a_scan_leads_to_the_page_of_the_hall(service: Service) -> None:
    code = await hall_code(service)

    answer = await service.client().get(f"/q/{code}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/halls/heping?code={code}")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_code_of_a_kind_without_a_page_leads_nowhere(service: Service) -> None:
    code = await make_code(service.state["signer"], NewCode(kind="odd", hall="heping"), now=START)

    assert (await service.client().get(f"/q/{code.text}")).status_code == 404


async def test_whoever_scans_a_bad_code_gets_a_page(service: Service) -> None:
    answer = await service.client(accept="text/html").get("/q/nonsense")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "This code leads nowhere" in answer.text


async def test_a_manager_revokes_the_code_of_the_own_hall(service: Service) -> None:
    code = await hall_code(service)
    manager = await service.signed_in("manager")

    assert (await manager.delete(f"/api/v1/codes/{code}")).status_code == 204
    assert (await manager.delete(f"/api/v1/codes/{code}")).status_code == 404
    assert await hall_code(service) != code


@pytest.mark.parametrize(
    ("username", "hall", "status"), [(None, "heping", 401), ("clerk1", "heping", 403), ("manager", "nankai", 403)]
)
async def test_nobody_else_revokes_a_code(service: Service, username: str | None, hall: str, status: int) -> None:
    code = await hall_code(service, hall)
    client = await service.signed_in(username) if username else service.client()

    answer = await client.delete(f"/api/v1/codes/{code}")

    assert answer.status_code == status
    assert (await client.get(f"/api/v1/codes/{code}")).status_code == 200

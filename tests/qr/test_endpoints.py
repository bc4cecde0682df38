import io

import pytest
import zxingcpp
from PIL import Image

from o2o.kernel.database import transaction
from qr import draw
from qr.service import PAIRING, TICKET, code_for_hall, revoke, signed_code
from tests.serving import START, Service

TICKET_ID = "3_J63cgOhHcLg7KqVouriw"


async def hall_code(service: Service, hall: str = "heping") -> str:
    return (await code_for_hall(service.state["signer"], hall, now=START)).text


def read(picture: bytes) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    return found.text


async def test_a_picture_holds_the_short_address_of_its_code(service: Service) -> None:
    code = await hall_code(service)

    answer = await service.client().get(f"/qr/{code}.png")

    assert answer.headers["content-type"] == "image/png"
    assert read(answer.content) == f"http://hall.test/q/{code}"


@pytest.mark.parametrize(("said", "shown"), [("poster", "?s=poster"), ("display", "?s=display"), ("x&y", "")])
async def test_a_picture_says_where_it_hangs_if_that_is_known(service: Service, said: str, shown: str) -> None:
    code = await hall_code(service)

    answer = await service.client().get(f"/qr/{code}.png", params={"s": said})

    assert read(answer.content) == f"http://hall.test/q/{code}{shown}"


@pytest.mark.parametrize("kind", [TICKET, PAIRING])
async def test_a_code_without_a_row_has_a_picture_too(service: Service, kind: str) -> None:
    code = signed_code(service.state["signer"], kind, TICKET_ID)

    answer = await service.client().get(f"/qr/{code}.png")

    assert read(answer.content) == f"http://hall.test/q/{code}"


@pytest.mark.parametrize(("ending", "kind"), [("svg", "image/svg+xml"), ("png", "image/png")])
async def test_a_picture_that_a_browser_has_is_not_sent_again(service: Service, ending: str, kind: str) -> None:
    path = f"/qr/{await hall_code(service)}.{ending}"
    first = await service.client().get(path)

    again = await service.client().get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["content-type"] == kind
    assert "max-age=3600" in first.headers["cache-control"]
    assert (again.status_code, again.content) == (304, b"")


async def test_what_a_browser_has_is_not_drawn_again(service: Service) -> None:
    path, client = f"/qr/{await hall_code(service)}.svg", service.client()
    first = await client.get(path)
    draw.svg.cache_clear()

    again = await client.get(path, headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, draw.svg.cache_info().misses) == (304, 0)


async def test_each_picture_has_a_tag_of_its_own(service: Service) -> None:
    code, client = await hall_code(service), service.client()
    answers = [await client.get(f"/qr/{code}.{end}") for end in ("svg", "png", "svg?s=poster")]
    assert len({answer.headers["etag"] for answer in answers}) == 3


@pytest.mark.parametrize("path", ["/qr/{}.svg", "/qr/{}.png"])
async def test_forged_unknown_and_revoked_codes_have_no_picture(service: Service, path: str) -> None:
    revoked = await hall_code(service)
    await transaction(lambda client: revoke(client, service.state["signer"], revoked, actor="staff:manager", now=START))

    answers = [await service.client().get(path.format(code)) for code in (revoked, "A" * 32, "short")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert {answer.json()["code"] for answer in answers} == {"code_not_found"}
    assert len({answer.json()["detail"] for answer in answers}) == 1

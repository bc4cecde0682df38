"""Posters: what is printed can be scanned, and nothing is printed that no phone reaches."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pypdfium2
import pytest
import reportlab
import zxingcpp
from PIL import Image

from halls.errors import CounterNotFoundError
from o2o.codes.pdf import FontError, draw_pdf
from o2o.codes.poster import LoopbackAddressError, Poster, Size, Wish, is_loopback, make_poster
from qr.states import Source
from tests.o2o.codes.conftest import ROUTES
from tests.serving import Service, add_halls, add_people, serve

pytestmark = pytest.mark.once

POINTS: Final = 72
VERA: Final = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
MM_PER_INCH: Final = 25.4


async def a_poster(service: Service, counter: str | None = None, source: Source = Source.POSTER) -> Poster:
    state = service.state
    hall = await state["directory"].get("heping")
    return await make_poster(state["settings"], state["signer"], state["clock"], Wish(hall, counter, source))


def picture(pdf: bytes, dpi: int) -> Image.Image:
    (page,) = pypdfium2.PdfDocument(pdf)
    drawn: Image.Image = page.render(scale=dpi / POINTS, grayscale=True).to_pil()
    return drawn


def text(pdf: bytes) -> str:
    (page,) = pypdfium2.PdfDocument(pdf)
    said: str = page.get_textpage().get_text_range()
    return said


@pytest.mark.parametrize("dpi", [300, 150])
@pytest.mark.parametrize("size", Size)
async def test_the_code_is_read_back_from_paper(service: Service, size: Size, dpi: int) -> None:
    poster = await a_poster(service)

    (found,) = zxingcpp.read_barcodes(picture(draw_pdf(poster, size), dpi))

    assert found.text == poster.link == f"http://hall.test/q/{poster.code.text}?s=poster"


@pytest.mark.parametrize(("size", "mm"), [(Size.A4, (210, 297)), (Size.ROLL, (80, 170))])
async def test_a_poster_is_one_page_of_its_paper(service: Service, size: Size, mm: tuple[int, int]) -> None:
    (page,) = pypdfium2.PdfDocument(draw_pdf(await a_poster(service), size))

    assert tuple(round(points / POINTS * MM_PER_INCH) for points in page.get_size()) == mm


@pytest.mark.parametrize("size", Size)
async def test_a_poster_says_where_and_how_in_two_languages(service: Service, size: Size) -> None:
    said = text(draw_pdf(await a_poster(service, "heping-3"), size))

    for words in ("和平区营业厅", "Heping hall", "3 号柜台", "Counter 3", "hall.test/halls/heping"):
        assert words in said
    for words in ("扫描二维码", "Scan the code", "选择要办的业务", "Come when it is your turn"):
        assert words in said


async def test_only_black_and_white_are_printed_and_nothing_at_the_edge(service: Service) -> None:
    image = picture(draw_pdf(await a_poster(service), Size.A4), 100)
    box = Image.eval(image, lambda grey: 255 - grey).getbbox()

    assert box is not None
    assert min(box[0], box[1], image.width - box[2], image.height - box[3]) > 100 * 10 / MM_PER_INCH


async def test_a_long_name_is_made_to_fit(service: Service) -> None:
    poster = await a_poster(service)
    zh, en = poster.words
    long = poster._replace(words=(zh._replace(hall="营业厅" * 26), en._replace(hall="A very long name " * 4)))

    image = picture(draw_pdf(long, Size.ROLL), 100)
    box = Image.eval(image, lambda grey: 255 - grey).getbbox()

    assert box is not None
    assert box[0] > 0
    assert box[2] < image.width


async def test_a_counters_poster_leads_to_its_counter(service: Service) -> None:
    poster = await a_poster(service, "heping-3", Source.DOOR)

    assert (poster.code.kind, poster.code.place) == ("counter", "heping-3")
    assert poster.link.endswith("?s=door")


async def test_a_counter_of_another_hall_has_no_poster_here(service: Service) -> None:
    with pytest.raises(CounterNotFoundError):
        await a_poster(service, "nankai-1")


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000", "http://localhost:8000", "http://o2o.localhost", "http://[::1]:8000", "http://0.0.0.0"],
)
def test_an_address_of_the_machine_itself_is_known_as_such(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["https://hall.example", "http://192.168.1.20:8000", "http://[fd00::1]"])
def test_other_addresses_may_be_printed(address: str) -> None:
    assert not is_loopback(address)


@pytest.fixture
async def unreachable(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES, O2O_BASE_URL="http://127.0.0.1:8000") as service:
        await add_halls(service, "heping")
        await add_people("manager")
        yield service


async def test_nothing_is_printed_that_no_phone_reaches(unreachable: Service) -> None:
    with pytest.raises(LoopbackAddressError, match="Set O2O_BASE_URL"):
        await a_poster(unreachable)


@pytest.mark.parametrize("path", ["/manage/heping/poster", "/manage/heping/poster.pdf"])
async def test_the_page_says_what_to_set(unreachable: Service, path: str) -> None:
    browser = await unreachable.browser("manager")

    answer = await browser.get(path, headers={"accept": "text/html"})

    assert answer.status_code == 409
    assert "Set O2O_BASE_URL to the address that phones reach" in answer.text


def in_latin(poster: Poster) -> Poster:
    """As if Chinese were written so, for a font that has no Chinese."""
    zh, en = poster.words
    return poster._replace(words=(zh._replace(hall="Café", headline="Número", steps=("Uno", "Dos", "Três")), en))


async def test_a_given_font_is_embedded(service: Service) -> None:
    pdf = draw_pdf(in_latin(await a_poster(service)), Size.A4, VERA)

    assert b"BitstreamVera" in pdf
    assert b"FontFile2" in pdf
    assert "Café" in text(pdf)


async def test_a_font_without_the_characters_is_refused(service: Service) -> None:
    with pytest.raises(FontError, match=r"has no .*区.* Use a font with Chinese characters"):
        draw_pdf(await a_poster(service), Size.A4, VERA)


async def test_what_is_no_font_is_refused(service: Service) -> None:
    with pytest.raises(FontError, match="Use a TrueType font"):
        draw_pdf(await a_poster(service), Size.A4, Path(__file__))

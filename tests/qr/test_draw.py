"""Pictures are read back by a reader that has nothing in common with what drew them."""

import io
from typing import Final

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import async_playwright

from o2o.kernel.signing import digest
from qr import draw
from qr.errors import TextTooLongError
from tests.conftest import chromium

ADDRESS: Final = "https://hall.example/q/" + "Aa0_-9zZ" * 4


def read(picture: bytes) -> zxingcpp.Barcode:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    return found


def test_a_png_reads_back_as_its_text() -> None:
    assert read(draw.png(ADDRESS)).text == ADDRESS


def test_a_picture_that_comes_out_otherwise_is_another_drawing() -> None:
    assert (draw.DRAWING, digest(draw.svg(ADDRESS))) == (1, "h_rhMQIa1XbAVzSaZ8S3Hw")


def test_a_png_reads_back_at_the_smallest_size_too() -> None:
    assert read(draw.png(ADDRESS, 2)).text == ADDRESS


def test_the_longest_text_reads_back() -> None:
    assert read(draw.png("x" * draw.LIMIT, 4)).text == "x" * draw.LIMIT


def test_a_code_bears_the_loss_of_a_seventh() -> None:
    assert read(draw.png(ADDRESS)).ec_level == "M"


@pytest.mark.browser
async def test_an_svg_reads_back_as_a_browser_shows_it_on_a_dark_page() -> None:
    page_text = f"<body style='background:#000;margin:40px'>{draw.svg(ADDRESS).decode()}</body>"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 480, "height": 480})
        await page.set_content(page_text)
        shown = await page.screenshot()
        await browser.close()

    assert read(shown).text == ADDRESS


def test_four_light_modules_surround_the_dark_ones() -> None:
    rows = draw.modules(ADDRESS)

    assert not any(any(row) for row in (*rows[:4], *rows[-4:]))
    assert not any(any((*row[:4], *row[-4:])) for row in rows)
    assert rows[4][4]


def test_a_png_is_black_and_white_alone_and_as_large_as_asked() -> None:
    image = Image.open(io.BytesIO(draw.png(ADDRESS, 3)))

    assert image.mode == "1"
    assert image.size == (len(draw.modules(ADDRESS)) * 3,) * 2


def test_too_long_a_text_is_refused_with_what_fits() -> None:
    with pytest.raises(TextTooLongError, match="332 bytes are too many for a code; it carries 331"):
        draw.svg("x" * 332)


def test_bytes_count_not_characters() -> None:
    with pytest.raises(TextTooLongError):
        draw.png("号" * 111)

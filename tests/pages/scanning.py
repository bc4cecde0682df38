"""What a phone's camera reads."""

import io

import zxingcpp
from PIL import Image
from playwright.async_api import Page


async def scanned(page: Page, picture_of: str) -> str:
    """What a phone reads from a picture on the page."""
    picture = await page.locator(picture_of).screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    return str(found.text)

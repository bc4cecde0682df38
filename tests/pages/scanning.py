"""What a phone's camera reads."""

import io

import zxingcpp
from PIL import Image
from playwright.async_api import Page


async def scanned(page: Page, picture_of: str) -> str:
    """What a phone reads from a picture on the page."""
    shown = page.locator(picture_of)
    await shown.evaluate("picture => picture.decode?.()")  # Or an image's place is there before it is drawn.
    picture = await shown.screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    return str(found.text)

"""The README's pictures: taken by tests that pass there anyway, with `O2O_PICTURES=docs/pictures`."""

import os
from pathlib import Path

from playwright.async_api import Page

SETTLED_MS = 400


async def picture(page: Page, name: str) -> None:
    """`name` ends in the page's language (`finder-en`)."""
    if folder := os.environ.get("O2O_PICTURES"):
        await page.wait_for_timeout(SETTLED_MS)
        await page.screenshot(path=Path(folder) / f"{name}.png")

"""A page as keyboards and readers meet it."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

FOCUSED = "document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"
SMALL_TARGETS = """Array.from(document.querySelectorAll('main a, main button, main summary, main .pick, nav a'))
  .filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < 47.5)
  .map((one) => one.textContent.trim())"""


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name is focused."""
    for _press in range(80):
        if await page.evaluate(FOCUSED) == name:
            return
        await page.keyboard.press("Tab")
    message = f"Tab never comes to {name}"
    raise AssertionError(message)


async def press_on(page: Page, *names: str) -> None:
    """Come to each by Tab, and press Enter on it."""
    for name in names:
        await tab_to(page, name)
        await page.keyboard.press("Enter")


SETTLED = """() => Promise.allSettled(
    document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished))"""


async def complaints(page: Page) -> list[str]:
    """What axe finds when no colour is on its way to another any more."""
    await page.evaluate(SETTLED)
    found = await Axe().run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


async def unfold(page: Page) -> None:
    """Open whatever can be opened."""
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")

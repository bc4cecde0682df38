"""A page as keyboards and readers meet it."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize

PHONE = ViewportSize(width=360, height=740)
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


FOUND = """async (which) => {
  const moving = () => document.getAnimations().filter((one) => one instanceof CSSTransition)
  // Not awaited: a page that draws no frames never comes to the end. What inherits a colour moves once its parent has.
  for (let rest = moving(); rest.length; rest = moving()) rest.forEach((one) => one.finish())
  const { violations } = await axe.run({ resultTypes: ["violations"], ...which })
  return violations.map((one) => `${one.id}: ${one.nodes[0].html}`)
}"""
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


async def complaints(page: Page) -> list[str]:
    """What axe finds when no colour is on its way to another any more; of what is about colours, in both schemes."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Axe().axe_script)
    found: list[str] = await page.evaluate(FOUND, {})
    dark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    await page.emulate_media(color_scheme="light" if dark else "dark")
    found += await page.evaluate(FOUND, OF_COLOURS)
    await page.emulate_media(color_scheme="dark" if dark else "light")
    return found


async def misfits(page: Page) -> list[str]:
    """What is wrong with this page on a narrow phone: it is wider than that, or these are too small for a finger."""
    usual = page.viewport_size
    assert usual is not None
    await page.set_viewport_size(PHONE)
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    small: list[str] = await page.evaluate(SMALL_TARGETS)
    await page.set_viewport_size(usual)
    return [*(["wider than a phone"] if wide else []), *small]


async def unfold(page: Page) -> None:
    """Open whatever can be opened."""
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")

"""`glass`: from the moment at which a clerk presses to the frame in which a real browser shows the number, large."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time
from typing import Final

from playwright.async_api import Page, ViewportSize, async_playwright

from benchmarks.bench import Bench, started
from benchmarks.figures import Benchmark, Round, Sample, percentile
from benchmarks.issuing import HALL
from benchmarks.sizes import Sizes

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
SCREEN: Final = ViewportSize(width=1920, height=1080)
COUNTER: Final = f"{HALL}-1"
MS: Final = 1_000

# Its promise is kept in the frame that shows another number than now: what stands there, and when (ms since 1970).
WATCH: Final = """() => {
  const pairs = document.querySelector("[data-pairs]");
  const number = () => pairs.querySelector(".pair__number")?.textContent ?? "";
  const before = number();
  window.shown = new Promise((done) => {
    const look = () => {
      if (number() === before) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => done([number(), Date.now()])));
    };
    const observer = new MutationObserver(look);
    observer.observe(pairs, { childList: true, subtree: true, characterData: true });
  });
}"""


@asynccontextmanager
async def glass(sizes: Sizes) -> AsyncIterator[Round]:
    async with started() as bench, _browser_page(bench) as page:
        await bench.make_hall(HALL)
        await _pair(bench, page)
        await bench.send("POST", f"/counters/{COUNTER}/opening", {})

        async def sample() -> Sample:
            await bench.take_numbers(HALL, sizes.calls)
            return percentile([await _call(bench, page) for _ in range(sizes.calls)], 99), None

        yield sample


@asynccontextmanager
async def _browser_page(bench: Bench) -> AsyncIterator[Page]:
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        context = await browser.new_context(base_url=bench.service.url, viewport=SCREEN)
        yield await context.new_page()
        await browser.close()


async def _pair(bench: Bench, page: Page) -> None:
    await page.goto("/display")
    code = await page.get_attribute("[data-code]", "data-code")
    await bench.send("POST", f"/halls/{HALL}/displays", {"code": code})
    await page.wait_for_selector(".board")


async def _call(bench: Bench, page: Page) -> float:
    """Milliseconds to the glass. The page begins anew for each, since a call has the screen for four seconds."""
    await page.reload()
    await page.wait_for_selector("[data-next] li")
    await page.evaluate(WATCH)
    pressed = time()
    called = await bench.send("POST", f"/counters/{COUNTER}/calls", {})
    number, shown = await page.evaluate("window.shown")
    assert number == called["number"], f"{called['number']} was called and {number} shown"
    await bench.send("POST", f"/tickets/{called['id']}/no-show", {})
    return float(shown) - MS * pressed


BENCHMARKS: Final = (
    Benchmark(
        "glass", "a number on a display's glass after its call, p99, in Chromium", "ms", "at most", 150, glass, rounds=3
    ),
)

"""Pages whose network says nothing, that were hidden, whose clock was set, or of whose script a part is missing."""

import asyncio

import pytest

from tests.pages import steps
from tests.pages.conftest import SignIn, Windows

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SPEAKS = "window.spoken = []; speechSynthesis.speak = (said) => window.spoken.push(said.text);"
CLOCK_IS_SET = "() => { const before = Date.now; Date.now = () => before() + 8 * 3600 * 1000; }"


async def test_a_display_speaks_after_its_clock_was_set(window: Windows, sign_in: SignIn) -> None:
    """A small machine without a battery begins with last night's time, and is told the right one a minute later."""
    screen, office = await window(1920, 1080), await window()
    await screen.add_init_script(SPEAKS)
    await sign_in(office, "hq", "/display/pair")
    await steps.pair(screen, office, "nankai")
    await screen.wait_for_selector(".next__row")
    await screen.evaluate(CLOCK_IS_SET)
    [ticket] = await steps.come(office, "nankai", ["device"])
    await steps.by_staff(office, "/counters/nankai-4/opening", {"take_over": True})
    await steps.by_staff(office, "/counters/nankai-4/calls", {"ticket": ticket})
    try:
        async with asyncio.timeout(10):
            while not await screen.evaluate("() => spoken.length"):
                await asyncio.sleep(0.1)
    finally:
        await steps.by_staff(office, f"/tickets/{ticket}/cancellation")
        await steps.by_staff(office, "/counters/nankai-4/opening", method="DELETE")

"""The demo's service, as `o2o demo` starts it, and windows of a real browser on it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from tests.conftest import chromium
from tests.ports import free_port
from tests.stack import stack

ROOT = Path(__file__).parents[2]
PASSWORD = "demo-password"
PATIENCE_MS = 60_000  # As long as a page may take that lost its stream, on a busy machine.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Windows(Protocol):
    """Opens a window of its own, as another person's browser is."""

    async def __call__(self, width: int = 360, height: int = 740, **options: Any) -> Page: ...


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demo answers."""
    with _demo(tmp_path_factory.mktemp("demo")) as address:
        yield address


@pytest.fixture(scope="session")
def reachable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where another demo answers, which believes that phones reach it as hall.example: it may print that."""
    with _demo(tmp_path_factory.mktemp("reachable"), O2O_BASE_URL="https://hall.example") as address:
        yield address


@contextlib.contextmanager
def _demo(folder: Path, **more: str) -> Iterator[str]:
    port = free_port()
    environment = os.environ | {
        "O2O_DATA_DIR": str(folder),
        "O2O_DATABASE_URL": stack.demo_database(folder),
        "O2O_WORKERS": str(stack.workers),
        "O2O_PORT": str(port),
        "O2O_DEMO_PASSWORD": PASSWORD,
        "O2O_RATE_LIMITS": "off",
        **more,
    }
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-c", "from o2o.cli import main; main()", "demo"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, address: str) -> AsyncIterator[Windows]:
    """Opens windows. What a script of ours throws in one of them fails the test."""
    errors: list[str] = []
    async with AsyncExitStack() as stack:

        async def opened(width: int = 360, height: int = 740, **options: Any) -> Page:
            size = ViewportSize(width=width, height=height)
            usual = {"base_url": address, "locale": "en", "color_scheme": "light", "reduced_motion": "reduce"}
            context: BrowserContext = await browser.new_context(viewport=size, **usual | options)
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = await context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            return page

        yield opened
    assert errors == []


SignIn = Callable[[Page, str, str], Awaitable[None]]


@pytest.fixture
def sign_in() -> SignIn:
    """As the form does it, without opening its page each time: the stories fill it in."""

    async def signed_in(page: Page, username: str, path: str) -> None:
        filled: dict[str, str | float | bool] = {"username": username, "password": PASSWORD, "next": path}
        answer = await page.context.request.post("/sign-in", form=filled, max_redirects=0)
        assert answer.status == 303
        await page.goto(path)

    return signed_in


async def sign_in_by_hand(page: Page, username: str, path: str) -> None:
    await page.goto(path)
    await page.fill("#username", username)
    await page.fill("#password", PASSWORD)
    await page.click("main [type=submit]")
    await page.wait_for_url(f"**{path}")


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _attempt in range(600):
        if process.poll() is not None:
            message = f"the demo ended with {process.returncode}"
            raise RuntimeError(message)
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.1)
    message = "the demo does not answer"
    raise RuntimeError(message)

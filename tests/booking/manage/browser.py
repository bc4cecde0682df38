"""A manager's browser without scripts: forms are found on the page, filled and sent."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from httpx2 import AsyncClient, Response
from typing_extensions import override

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Forms(HTMLParser):
    """The forms of a page, each as the values that its fields would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, list[str]]] = []
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append({})
        ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
        if tag == "input" and given.get("name") and ticked:
            self.found[-1].setdefault(given["name"] or "", []).append(given.get("value") or "")


async def form_on(browser: AsyncClient, address: str, act: str, of: str = "") -> dict[str, list[str]]:
    """The form with that act (and row) as the page has it now."""
    page = (await browser.get(address)).text
    return next(form for form in Forms(page).found if form.get("act") == [act] and (not of or form["of"] == [of]))


async def send(browser: AsyncClient, address: str, form: dict[str, list[str]], /, **typed: Any) -> Response:
    """Send the form with what is typed; a list is the boxes that are ticked."""
    filled = form | {name.replace("_", "-") if name == "zh_CN" else name: value for name, value in typed.items()}
    return await browser.post(address, content=urlencode(filled, doseq=True), headers=FORM)


async def fill(browser: AsyncClient, address: str, act: str, of: str = "", /, **typed: Any) -> Response:
    return await send(browser, address, await form_on(browser, address, act, of), **typed)

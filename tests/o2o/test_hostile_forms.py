"""Every form of every page, one field at a time filled with what nobody means: refused in words, on a page.

Each person walks all pages that they reach, and sends each kind of form that they find there.
"""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from typing import Final

import pytest
from httpx2 import AsyncClient, Response

from o2o.app import routes
from tests.o2o.forms import CHOSEN, WRITTEN, Field, Form, Page, without_ids
from tests.serving import Service, serve
from tests.stack import stack

pytestmark = pytest.mark.once

HOSTILE: Final = (
    "",
    "0",
    "-1",
    "9" * 5000,
    "9999-12-31",
    "0001-01-01",
    "\x00",
    "\u202egnp",
    "１２",
    "a" * 5000,
    "99:99",
    "unknown-id",
)
SAMPLE: Final = 2
"""So many of them each field is filled with, always the same ones. With all of them it takes a minute or two."""
USED: Final = "the-key-of-one-page"
GIVEN: Final = {
    "name": "张三",
    "phone": "13800138000",
    "street": "Nanjing Road 1",
    "city": "天津市",
    "district": "和平区",
}
"""What stands in a field that must be filled in; in any other a 1."""
HEADQUARTERS: Final = ("/manage", "/stock", "/audit", "/picking", "/messages")
APART: Final = ("/sign-out", "/lock", "/password", "/pin")
"""Forms after which nobody is there any more to send the next."""


@dataclass
class Walk:
    """Somebody's way over the pages, and what they were answered that should not be."""

    client: AsyncClient
    faults: list[str] = field(default_factory=list)
    sent: set[tuple[str, ...]] = field(default_factory=set)

    async def go(self, *starts: str) -> None:
        rest, seen = deque(starts), {without_ids("")}
        while rest:
            address = rest.popleft()
            if without_ids(address) in seen or "lang=" in address:
                continue
            seen.add(without_ids(address))
            answer = await self.client.get(address)
            self._judge(answer, address)
            if answer.is_redirect:
                rest.append(answer.headers["location"])
            elif answer.is_success and "html" in answer.headers["content-type"]:
                rest.extend(await self._fill_in(Page(address, answer.text)))

    async def _fill_in(self, page: Page) -> list[str]:
        """Send each form of a kind that was not sent yet; gives where all that leads."""
        led = list(page.links)
        for form in chain.from_iterable(one.by_buttons() for one in page.forms):
            if form.kind not in self.sent and form.action.partition("?")[0] not in {"", *APART}:
                self.sent.add(form.kind)
                for name in form.values:
                    led += [answer.headers["location"] for answer in await self._try(form, name) if answer.is_redirect]
        return led

    async def _try(self, form: Form, name: str) -> list[Response]:
        """Send the form with this field filled in turn with some of what nobody means."""
        usual = form.values | {one.name: _example(one) for one in form.fields if one.required and not one.value}
        values = [*Random(f"{form.kind} {name}").sample(HOSTILE, SAMPLE), *([USED] if name == "key" else [])]
        answers = []
        for value in values:
            fresh = {"key": token_urlsafe(16)} if "key" in usual else {}
            filled = usual | fresh | {name: value}
            answers.append(answer := await self._send(form, filled))
            self._judge(answer, f"{form.kind} {name}={value[:20]!r}")
            if answer.is_client_error and form.method == "post" and name in form.names(*WRITTEN):
                self._expect_kept(form, filled, name, answer)
        return answers

    async def _send(self, form: Form, filled: dict[str, str]) -> Response:
        if form.in_parts:
            return await self.client.post(form.action, files={name: (None, said) for name, said in filled.items()})
        if form.method == "post":
            return await self.client.post(form.action, data=filled)
        return await self.client.get(form.action.partition("?")[0], params=filled)

    def _judge(self, answer: Response, sent: str) -> None:
        if answer.is_server_error:
            self.faults.append(f"{answer.status_code}: {sent}")
        if answer.is_client_error and not answer.headers["content-type"].startswith("text/html"):
            self.faults.append(f"{answer.status_code} on no page: {sent}")

    def _expect_kept(self, form: Form, filled: dict[str, str], hostile: str, answer: Response) -> None:
        """What was filled into the other fields stands in the form again."""
        forms = Page(form.action, answer.text).forms
        shown = {(one.name, one.value.strip()) for again in forms for one in again.fields}
        self.faults += [
            f"{answer.status_code} lost {name}: {form.kind} {hostile}={filled[hostile][:20]!r}"
            for name in form.names(*WRITTEN, *CHOSEN) - {hostile}
            if (name, filled[name].strip()) not in shown
        ]


def _example(one: Field) -> str:
    return CHOSEN.get(one.kind) or GIVEN.get(one.name, "1")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    database = stack.demo_database(tmp_path / "demo")
    async with serve(tmp_path, routes(), O2O_DATABASE_URL=database, O2O_RATE_LIMITS="off") as service:
        yield service


@pytest.mark.parametrize(
    ("person", "starts", "kinds"),
    [("", ("/", "/shop", "/halls/heping"), 12), ("clerk1", ("/clerk", "/picking"), 40), ("hq", HEADQUARTERS, 45)],
)
async def test_what_nobody_means_is_refused_on_a_page(
    service: Service, person: str, starts: tuple[str, ...], kinds: int
) -> None:
    client = await service.browser(person) if person else service.client()
    client.headers["accept"] = "text/html"
    client._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
    walk = Walk(client)

    await walk.go(*starts)

    assert not walk.faults, "\n".join(walk.faults)
    assert len(walk.sent) >= kinds

"""The page of what was done, and the words that it has for each thing."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from o2o.app import routes
from o2o.kernel.i18n import translator
from staff.telling import ENDINGS, KINDS, SORTS, who
from tests.serving import PASSWORD, Service, add_halls, add_people, serve, with_key

pytestmark = pytest.mark.once

PATH: Final = "/manage/heping/audit"
ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes()) as service:
        await add_halls(service, "heping")
        await add_people("clerk1", "manager")
        yield service


def said(pattern: str, *suffixes: str) -> set[str]:
    folders = [ROOT / name for name in ("o2o", "booking", "halls", "messages", "orders", "qr", "staff", "websocket")]
    sources = [path for folder in folders for path in folder.rglob("*") if path.suffix in suffixes]
    return {found for path in sources for found in re.findall(pattern, path.read_text())}


def test_there_are_words_for_whatever_is_recorded() -> None:
    events = said(r"name = '((?:ticket|counter|hall)\.[a-z_]+)'", ".lua")
    deeds = said(r"\"((?:hall|person|session|key|screen|code|message|product|sourcing)\.(?!lua)[a-z_]+)\"", ".py")
    endings = said(r"end_session\([^\n]*\"([a-zA-Z ]+)\"\)", ".py")

    assert len(events) > 10
    assert len(deeds) > 10
    assert (events | deeds) - set(KINDS) == set()
    assert {name.partition(".")[0] for name in KINDS} == set(SORTS)
    assert endings == set(ENDINGS)


async def test_everybody_who_acts_has_a_name(service: Service) -> None:
    actors = ["staff:clerk1", "customer:abc", "anonymous", "clock", "o2o", "key:unknown", "staff:nobody"]

    named = await who(actors, translator("en"))

    assert [named[actor] for actor in actors] == [
        "Clerk 1",
        "the customer",
        "somebody",
        "the clock",
        "a command of the service",
        "key:unknown",
        "staff:nobody",
    ]


async def test_the_page_says_who_did_what(service: Service) -> None:
    address = "/api/v1/halls/heping/tickets"
    await service.client().post(address, json={"service": "sim"}, headers=with_key("a-key-of-this-test"))
    await service.client().post("/api/v1/session", json={"username": "clerk1", "password": "a guess"})
    browser = await service.browser("manager")

    page = (await browser.get(PATH)).text

    assert re.search(r"Number taken</strong> <span class=\"number\">A001<", page)
    assert "Sign-in refused" in page
    assert "Hall set up" in page
    assert PASSWORD not in page


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("sort=hall", "Hall set up", "Signed in"),
        ("actor=manager", "Signed in", "Hall set up"),
        ("day=2026-11-22", "Nothing of that kind was done", "Signed in"),
        ("day=9999-12-31", "Nothing of that kind was done", "Signed in"),
        ("day=0001-01-01", "Nothing of that kind was done", "Signed in"),
        ("day=2026-11-23&sort=", "Hall set up", "Nothing of that kind"),
        ("ticket=A001", "Nothing of that kind was done", "Hall set up"),
        ("cursor=x", "The list has changed", "Hall set up"),
        ("day=tomorrow", "must be a date such as", "Hall set up"),
    ],
)
async def test_the_form_narrows_it(service: Service, query: str, there: str, not_there: str) -> None:
    browser = await service.browser("manager")

    page = (await browser.get(f"{PATH}?{query}")).text

    assert there in page
    assert not_there not in page


async def test_older_things_are_a_page_further(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staff.audit_pages.SHOWN", 1)
    browser = await service.browser("manager")

    first = (await browser.get(f"{PATH}?sort=")).text
    older = re.search(r'href="(\?cursor=\w+)"', first)
    assert older
    second = (await browser.get(PATH + older[1])).text

    assert "Signed in" in first
    assert "Hall set up" in second
    assert "Older" not in second


async def test_a_page_says_before_the_shift_ends(service: Service) -> None:
    browser = await service.browser("manager")
    early = (await browser.get(PATH)).text
    for _ in range(70):
        service.clock.advance(minutes=9.9)
        await browser.get("/api/v1/session")

    late = (await browser.get(PATH)).text

    assert re.search(r'data-controller="shift"[^>]* hidden>', early)
    assert re.search(r'data-controller="shift"[^>]*"><svg', late)
    assert "You are signed out at 22:00." in late


async def test_headquarters_read_what_is_no_halls(service: Service) -> None:
    await add_halls(service, "nankai")
    await add_people("hq")
    browser = await service.browser("hq")

    page = (await browser.get("/audit")).text
    refused = await browser.get("/audit?day=tomorrow")

    assert "Signed in</strong>" in (await browser.get("/audit?ticket=A001")).text
    assert "/audit" in (await browser.get("/manage")).text
    assert re.search(r"Signed in</strong> <span[^>]*>hq", page)
    assert "Hall set up" not in page
    assert (refused.status_code, "must be a date such as" in refused.text) == (400, True)
    assert "Nothing of that kind was done" in (await browser.get("/audit?day=2020-01-01")).text
    assert (await service.client().get("/audit")).headers["location"] == "/sign-in?next=%2Faudit"

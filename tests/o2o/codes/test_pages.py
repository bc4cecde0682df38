"""The manager's pages of codes."""

import re

import pytest
from httpx2 import AsyncClient, Response

from o2o.codes.pages import said
from o2o.codes.poster import Poster, Words
from qr.scans import Scan
from qr.service import code_for_counter, code_for_hall
from qr.states import Agent, Source
from tests.serving import START, Service

pytestmark = pytest.mark.once

CODES, POSTER = "/manage/heping/codes", "/manage/heping/poster"


async def replace(browser: AsyncClient, code: str, **more: str) -> Response:
    page = (await browser.get(CODES)).text
    hidden = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', page))
    return await browser.post(CODES, data=hidden | {"code": code} | more, headers={"accept": "text/html"})


async def test_each_place_has_its_code_and_what_can_be_done_with_it(service: Service) -> None:
    door = await code_for_hall(service.state["signer"], "heping", now=START)
    counter = await code_for_counter(service.state["signer"], "heping", "heping-3", now=START)

    page = (await (await service.browser("manager")).get(CODES)).text

    assert f"/qr/{door.text}.svg" in page
    assert f"/qr/{counter.text}.svg" in page
    assert f"{POSTER}?counter=heping-3&amp;size=80mm" in page
    assert page.count("Yes, replace the code") == 5


async def test_scans_are_summed_up(service: Service) -> None:
    door = await code_for_hall(service.state["signer"], "heping", now=START)
    for source in (Source.POSTER, Source.POSTER, Source.DISPLAY):
        service.state["scans"].count(Scan(door.id, START.date(), source, Agent.WECHAT, "heping"))
    await service.state["scans"].write()

    page = (await (await service.browser("manager")).get(CODES)).text

    assert re.search(r'code__scans number">3</strong>', page)
    assert re.search(r"on the poster</dt>.*?>2</span>", page, re.DOTALL)
    assert re.search(r"WeChat</dt>.*?>3</span>", page, re.DOTALL)


async def test_a_lost_code_is_replaced_by_the_form(service: Service) -> None:
    old = (await code_for_hall(service.state["signer"], "heping", now=START)).text
    browser = await service.browser("manager")

    answer = await replace(browser, old)

    new = (await code_for_hall(service.state["signer"], "heping", now=START)).text
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CODES}?done=code_replaced")
    assert "There is a new code" in (await browser.get(answer.headers["location"])).text
    assert new != old
    assert (await service.client().get(f"/q/{old}")).status_code == 404


async def test_a_code_that_is_replaced_already_is_refused_on_the_page(service: Service) -> None:
    old = (await code_for_hall(service.state["signer"], "heping", now=START)).text
    browser = await service.browser("manager")
    await replace(browser, old)

    answer = await replace(browser, old)

    assert answer.status_code == 404
    assert "This code leads nowhere" in answer.text


async def test_a_code_of_another_hall_is_not_replaced_here(service: Service) -> None:
    other = (await code_for_hall(service.state["signer"], "nankai", now=START)).text

    answer = await replace(await service.browser("manager"), other)

    assert answer.status_code == 403
    assert (await code_for_hall(service.state["signer"], "nankai", now=START)).text == other


async def test_without_the_csrf_token_nothing_is_replaced(service: Service) -> None:
    old = (await code_for_hall(service.state["signer"], "heping", now=START)).text

    answer = await replace(await service.browser("manager"), old, csrf="forged")

    assert answer.status_code == 403
    assert (await code_for_hall(service.state["signer"], "heping", now=START)).text == old


@pytest.mark.parametrize("size", ["a4", "80mm"])
async def test_a_poster_is_a_page_on_its_paper(service: Service, size: str) -> None:
    page = (await (await service.browser("manager")).get(f"{POSTER}?size={size}&counter=heping-3&s=door")).text

    assert f"css/poster-{size}" in page
    assert ".svg?s=door" in page
    assert "hall.test/halls/heping" in page
    assert re.findall(r'<span lang="([^"]+)">(?:3 号柜台|Counter 3)', page) == ["zh-CN", "en"]


async def test_a_hall_with_one_name_says_it_once(service: Service) -> None:
    code = await code_for_hall(service.state["signer"], "heping", now=START)
    one = Words("营业厅", "", "", ())

    assert said(Poster(code, Source.POSTER, "", "", (one, one)))["halls"] == [("zh-CN", "营业厅")]


async def test_a_poster_can_be_had_as_a_file(service: Service) -> None:
    answer = await (await service.browser("manager")).get(f"{POSTER}.pdf?counter=heping-3")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="poster-heping-3-a4.pdf"'
    assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize("path", [CODES, POSTER, f"{POSTER}.pdf"])
async def test_who_is_not_signed_in_is_sent_to_do_so(service: Service, path: str) -> None:
    answer = await service.client().get(path)

    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


async def test_what_no_poster_can_be_is_refused(service: Service) -> None:
    browser = await service.browser("manager")

    for query, status in (("size=a3", 400), ("s=moon", 400), ("counter=nankai-1", 404)):
        assert (await browser.get(f"{POSTER}?{query}")).status_code == status

"""A hall's codes on the manager's pages: their pictures and scans, a new one for a lost one, and posters to print."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from halls.hall import Hall
from o2o.codes import report
from o2o.codes.endpoints import manager_of, replace
from o2o.codes.pdf import draw_pdf
from o2o.codes.poster import LoopbackAddressError, Poster, Size, Wish, is_loopback, make_poster
from o2o.codes.scanning import CodeRequest
from o2o.codes.schemas import ScanRow
from o2o.kernel.errors import DomainError
from o2o.kernel.http import parse_form, query, read_body
from o2o.kernel.i18n import LANGUAGES, Translator, _
from o2o.kernel.pages import render
from qr.schemas import Code
from qr.states import Agent, Source
from staff.manage import HOME, Frame, frame, signed_in

TAB: Final = "codes"
SOURCES: Final = {
    Source.POSTER: _("on the poster"),
    Source.DOOR: _("at the door"),
    Source.WINDOW: _("in the window"),
    Source.DISPLAY: _("on a screen"),
    Source.KIOSK: _("at a kiosk"),
    Source.SHELF: _("at the shelf"),
    Source.OTHER: _("elsewhere"),
}
AGENTS: Final = {
    Agent.WECHAT: _("WeChat"),
    Agent.ALIPAY: _("Alipay"),
    Agent.PHONE: _("a phone's browser"),
    Agent.COMPUTER: _("a computer"),
}
HANGING: Final = (Source.POSTER, Source.DOOR, Source.WINDOW, Source.KIOSK)
"""Where a printed code may hang; what a screen shows is not printed."""
SIZES: Final = {Size.A4: _("A4 sheet"), Size.ROLL: _("80 mm roll")}
FULL: Final = 100


class ReplaceForm(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    key: str
    csrf: str


class PosterQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`s` is where it will hang."""

    size: Size = Size.A4
    counter: str | None = None
    s: Source = Source.POSTER
    lang: str | None = None

    def changed(self, **values: str) -> str:
        """The query of the same poster, but for these."""
        wish = {"size": self.size.value, "s": self.s.value} | values
        return urlencode({"counter": self.counter} | wish if self.counter else wish)


@signed_in
async def show_codes(request: CodeRequest) -> Response:
    return await _codes_page(request, await frame(request, TAB))


@signed_in
async def create_replacement(request: CodeRequest) -> Response:
    """A new code for one that is torn, pasted over or misused."""
    here, body = await frame(request, TAB), await read_body(request)
    filled = parse_form(body, ReplaceForm)
    try:
        staff = await manager_of(request, filled.code)
        await replace(request, staff, filled.code, operation_of=(body, filled.key))
    except DomainError as refusal:
        return await _codes_page(request, here, refusal, key=filled.key)
    return here.done("code_replaced")


@signed_in
async def show_poster(request: CodeRequest) -> Response:
    """The poster as a page that prints as one."""
    here, wish = await frame(request, TAB), query(request, PosterQuery)
    poster = await _poster(request, here.hall, wish)
    address = f"{HOME}/{here.hall.id}/poster"
    context = {
        "hall": {"name": here.hall.names.in_language(here.texts.language)},
        "poster": poster,
        **said(poster),
        "size": wish.size,
        "back": here.address,
        "pdf": f"{address}.pdf?{wish.changed()}",
        "sizes": [_choice(wish, here, said, size=one) for one, said in SIZES.items()],
        "places": [_choice(wish, here, SOURCES[one], s=one) for one in HANGING],
    }
    response = render(request, "qr/poster.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@signed_in
async def download_poster(request: CodeRequest) -> Response:
    """The poster as a PDF."""
    here, wish = await frame(request, TAB), query(request, PosterQuery)
    poster = await _poster(request, here.hall, wish)
    made = await asyncio.to_thread(draw_pdf, poster, wish.size)
    name = f"poster-{wish.counter or here.hall.id}-{wish.size}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(made, headers=headers, media_type="application/pdf")


async def _poster(request: CodeRequest, hall: Hall, wish: PosterQuery) -> Poster:
    state = request.state
    return await make_poster(state["settings"], state["signer"], state["clock"], Wish(hall, wish.counter, wish.s))


def said(poster: Poster) -> dict[str, Any]:
    """What the poster says, each thing in both languages; what is one name in both is said once."""
    zh, en = poster.words
    return {
        "halls": _pair(zh.hall, en.hall)[: 1 if zh.hall == en.hall else None],
        "counters": _pair(zh.counter, en.counter) if zh.counter else [],
        "headlines": _pair(zh.headline, en.headline),
        "steps": [_pair(*step) for step in zip(zh.steps, en.steps, strict=True)],
    }


def _pair(*said: str) -> list[tuple[str, str]]:
    return list(zip(LANGUAGES, said, strict=True))


def _choice(wish: PosterQuery, here: Frame, said: str, **value: StrEnum) -> tuple[str, str, bool]:
    """A choice as a link: what it says, where it leads, whether it is so now."""
    ((name, chosen),) = value.items()
    return here.texts(said), f"?{wish.changed(**{name: chosen.value})}", getattr(wish, name) is chosen


async def _codes_page(
    request: CodeRequest, here: Frame, refusal: DomainError | None = None, *, key: str = ""
) -> Response:
    state, base_url = request.state, request.state["settings"].base_url
    today = here.hall.business_day(state["clock"]())
    first = today - timedelta(days=report.USUAL_DAYS - 1)
    scans = await report.scans(here.hall.id, first, today)
    codes = await report.codes_that_hang(state["signer"], here.hall, state["clock"])
    loopback = LoopbackAddressError(base_url) if is_loopback(base_url) else None
    context = {
        "codes": [_card(here.hall, code, scans) for code in codes],
        "days": report.USUAL_DAYS,
        "total": sum(row.count for row in scans),
        "by_source": _bars(((row.source, row.count) for row in scans), SOURCES, here.texts),
        "by_agent": _bars(((row.agent, row.count) for row in scans), AGENTS, here.texts),
        "unprintable": loopback and here.texts.fill(loopback.message, loopback.details),
    }
    return here.page("qr/codes.html", context, refusal, key=key)


def _card(hall: Hall, code: Code, scans: Iterable[ScanRow]) -> dict[str, Any]:
    """A code as the page shows it; `counter` is empty for the door's."""
    counter = hall.counter(code.place or "")
    return {
        "text": code.text,
        "counter": counter.name if counter else "",
        "query": f"counter={counter.id}&" if counter else "",
        "scans": sum(row.count for row in scans if (row.kind, row.place) == (code.kind, code.place)),
    }


def _bars(counts: Iterable[tuple[str, int]], names: Mapping[Any, str], texts: Translator) -> list[tuple[str, int, int]]:
    """What was counted, the most first: its name, how often, and its share of all in per cent."""
    sums: Counter[str] = Counter()
    for what, count in counts:
        sums[what] += count
    return [(texts(names[what]), count, FULL * count // sums.total()) for what, count in sums.most_common()]


routes: list[BaseRoute] = [
    Route("/manage/{hall}/codes", show_codes, methods=["GET"], name="manage_codes"),
    Route("/manage/{hall}/codes", create_replacement, methods=["POST"]),
    Route("/manage/{hall}/poster", show_poster, methods=["GET"], name="poster"),
    Route("/manage/{hall}/poster.pdf", download_poster, methods=["GET"], name="poster_pdf"),
]

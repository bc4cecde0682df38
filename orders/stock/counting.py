"""Counting on a tablet: one product after the other, scanned or sought; what differs is shown and given a reason."""

from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.state import attempt
from halls.stock.queries import counted_at, level
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import convert, form, query, read_body
from o2o.kernel.i18n import _
from o2o.kernel.ledger import stored_event
from orders.errors import ProductNotFoundError
from orders.schemas import SKU, Product
from orders.state import OrdersRequest
from orders.stock import deeds
from orders.stock.deeds import product_of
from orders.stock.errors import CountedElsewhereError
from orders.stock.frame import HOME, REASONS, Frame, frame
from orders.stock.lists import stock_at
from orders.stock.schemas import Count, ShownLevel
from qr.errors import CodeNotFoundError
from qr.service import resolve
from staff.manage import signed_in

TAB: Final = "/count"
ROWS_SHOWN: Final = 30
OFFERED: Final = ("missing", "found", "misbooked", "damaged")
"""The reasons for a difference that stand ready."""


Number = Annotated[str, msgspec.Meta(max_length=20)]
"""As it was typed."""


class CountQuery(msgspec.Struct, frozen=True):
    """What was scanned or typed (`q`), or which product (`sku`)."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""
    sku: Annotated[str, msgspec.Meta(max_length=40)] = ""


class CountForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`on_hand` is what was counted; `seen`, what the books said, comes with the form that confirms a difference."""

    csrf: str = ""
    key: str = ""
    sku: str = ""
    on_hand: Number = ""
    seen: Number = ""
    reason: str = ""
    other: str = ""


@signed_in
async def show_count(request: OrdersRequest) -> Response:
    here, wish = await frame(request, TAB), query(request, CountQuery)
    sku = wish.sku or await _scanned(request, wish.q.strip())
    rows = await stock_at(here.place.id, here.texts.language, "" if sku else wish.q)
    if wish.q and len(rows) == 1:
        sku = rows[0].sku
    if sku:
        try:
            return await _count_page(here, await product_of(sku))
        except ProductNotFoundError as refusal:
            return await _choose_page(here, rows, wish.q, refusal)
    return await _choose_page(here, rows, wish.q)


@signed_in
async def create_count(request: OrdersRequest) -> Response:
    """A number that was typed: what agrees is recorded at once, what differs is shown first.

    Who sends again what was recorded is told so, whatever the books say by now.
    """
    here, filled = await frame(request, TAB), await form(request, CountForm)
    product = await product_of(filled.sku)
    try:
        told = convert({"on_hand": filled.on_hand.strip(), "reason": "agrees"}, Count)
        tried = attempt(request, here.staff.principal, await read_body(request), key=filled.key)
        books = (await level(here.place.id, product.sku)).on_hand
        if filled.seen == "" and told.on_hand != books and await stored_event(tried.operation.id) is None:
            return await _count_page(here, product, filled, differs=(told.on_hand, books))
        await _carry_out(here, product, filled, told.on_hand, tried)
    except CountedElsewhereError as refusal:
        return await _count_page(here, product, refusal=refusal)
    except DomainError as refusal:
        return await _count_page(here, product, filled, refusal)
    return here.done("counted")


async def _carry_out(here: Frame, product: Product, filled: CountForm, on_hand: int, tried: Attempt) -> None:
    """The reason is one that stands ready, or in their own words; none is needed where nothing differs."""
    seen = filled.seen or str(on_hand)
    reason = filled.other.strip() or filled.reason or ("agrees" if str(on_hand) == seen else "")
    if not reason:
        raise InvalidError(_("Say why it differs: choose a reason, or write one."), field="reason")
    given = convert({"on_hand": str(on_hand), "reason": reason, "seen": seen}, Count)
    await deeds.count(here.request.state["stock"], here.place.id, product.sku, given, tried)


async def _scanned(request: OrdersRequest, words: str) -> str:
    """The SKU that was scanned: as itself, or as the code on a shelf (the address that it leads to); else nothing."""
    if SKU.fullmatch(words.lower()):
        try:
            return (await product_of(words.lower())).sku
        except ProductNotFoundError:
            return ""
    if "/q/" not in words:
        return ""
    text = words.rpartition("/q/")[2].partition("?")[0]
    try:
        return (await resolve(request.state["signer"], text, now=request.state["clock"]())).sku or ""
    except CodeNotFoundError:
        return ""


async def _choose_page(here: Frame, rows: list[ShownLevel], words: str, refusal: DomainError | None = None) -> Response:
    """What to count next: first what was never counted, then what was longest ago."""
    counted = await counted_at(here.place.id)
    in_order = sorted(rows, key=lambda row: (counted.get(row.sku, 0), row.sku))
    shown = [_choice(here, row, counted.get(row.sku)) for row in in_order[:ROWS_SHOWN]]
    return here.page("count.html", {"rows": shown, "q": words, "product": None}, refusal)


def _choice(here: Frame, row: ShownLevel, at: int | None) -> dict[str, Any]:
    day = here.when(at) if at else ""
    return {"sku": row.sku, "name": row.name, "counted": day, "href": "?" + urlencode({"sku": row.sku})}


async def _count_page(
    here: Frame,
    product: Product,
    filled: CountForm | None = None,
    refusal: DomainError | None = None,
    differs: tuple[int, int] | None = None,
) -> Response:
    """One product: the number, and when it differs (counted, by the books) why."""
    name = product.names.in_language(here.texts.language)
    if differs is None and refusal and filled and filled.on_hand.isdecimal() and filled.seen.isdecimal():
        differs = (int(filled.on_hand), int(filled.seen))
    context = {
        "product": {"sku": product.sku, "name": name, "href": quote(product.sku)},
        "filled": filled or CountForm(),
        "differs": differs and {"counted": differs[0], "books": differs[1], "by": _signed(differs[0] - differs[1])},
        "reasons": [(word, here.texts(REASONS[word])) for word in OFFERED],
        "q": "",
    }
    return here.page("count.html", context, refusal, key=filled.key if filled else "")


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−")


routes: list[BaseRoute] = [
    Route(HOME + "/{place}/count", show_count, methods=["GET"], name="count_page"),
    Route(HOME + "/{place}/count", create_count, methods=["POST"]),
]

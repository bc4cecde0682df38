"""Codes at shelves on the manager's page: made from the list of products, printed, moved, taken away."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.codes.endpoints import manager_of
from o2o.codes.poster import LoopbackAddressError, is_loopback
from o2o.codes.scanning import CodeRequest
from o2o.codes.shelf_endpoints import make, move_shelf
from o2o.codes.shelf_pdf import Label, draw_labels
from o2o.codes.shelves import MOST, NewShelves, ShelfCode, ShelfInput, ShelfSpot, shelves_of
from o2o.kernel.database import transaction
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import MAX_FIELDS, convert, query, read_body
from o2o.kernel.i18n import _
from orders.products import Wanted, find_products, products_by_sku
from orders.schemas import Product
from orders.shown import picture_url
from qr.errors import CodeNotFoundError
from qr.service import revoke
from staff.manage import Frame, frame, signed_in

TAB: Final = "shelves"
OFFERED: Final = 60
"""Products that the form shows at once: it has a field for each, and a form has a hundred at most."""
PREFIX: Final = "shelf-"


class Looked(msgspec.Struct, frozen=True):
    q: Annotated[str, msgspec.Meta(max_length=80)] = ""
    code: str = ""


@signed_in
async def show_shelves(request: CodeRequest) -> Response:
    return await _page(request, await frame(request, TAB), {})


@signed_in
async def change_shelves(request: CodeRequest) -> Response:
    """Make codes for the shelves that were filled in; or move or take away one code."""
    here, body, filled = await frame(request, TAB), await read_body(request), dict[str, str]()
    try:
        filled = dict(parse_qsl(body.decode(), max_num_fields=MAX_FIELDS))
        said = await _changed(request, here, filled, body)
    except ValueError:  # Not UTF-8, or more fields than any of our forms has.
        return await _page(request, here, filled, InvalidError(_("The form can't be read."), field="body"))
    except DomainError as refusal:
        return await _page(request, here, filled, refusal)
    return here.done(said)


@signed_in
async def download_labels(request: CodeRequest) -> Response:
    """All labels, or one, on sheets to print. Raises LoopbackAddressError."""
    here, wish, state = await frame(request, TAB), query(request, Looked), request.state
    if is_loopback(state["settings"].base_url):
        raise LoopbackAddressError(state["settings"].base_url)
    codes = await shelves_of(state["signer"], state["settings"], here.hall, state["clock"])
    chosen = [code for code in codes if wish.code in {"", code.code}]
    products = await products_by_sku([code.sku for code in chosen])
    labels = [_label(here, code, products.get(code.sku)) for code in chosen]
    made = await asyncio.to_thread(draw_labels, labels)
    headers = {
        "Content-Disposition": f'attachment; filename="shelves-{here.hall.id}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(made, headers=headers, media_type="application/pdf")


async def _changed(request: CodeRequest, here: Frame, filled: dict[str, str], body: bytes) -> str:
    """What was done, as the page says it. Raises DomainError."""
    code = filled.get("code", "")
    if code:
        staff = await manager_of(request, code)
    if code and filled.get("do") == "revoke":
        signer, now = request.state["signer"], request.state["clock"]()
        with suppress(CodeNotFoundError):  # It is theirs, so the button was pressed twice.
            await transaction(lambda client: revoke(client, signer, code, actor=staff.principal, now=now))
        return "shelf_revoked"
    if code:
        spot = convert({"sku": filled.get("sku", ""), "place": filled.get("place", "").strip()}, ShelfSpot)
        await move_shelf(request, staff, code, spot)
        return "shelf_moved"
    wanted = tuple(_filled_in(filled))
    if not wanted:
        raise InvalidError(_("Write at least one shelf beside a product."), field="shelves")
    if len(wanted) > MOST:
        raise InvalidError(_("At most %(most)s codes are made at once."), field="shelves", most=MOST)
    await make(request, here.staff, here.hall, NewShelves(wanted), operation_of=(body, filled.get("key")))
    return "shelves_made"


def _filled_in(filled: dict[str, str]) -> Iterator[ShelfInput]:
    """A code for each shelf that is named; several shelves of a product have commas between."""
    issued_by, campaign = filled.get("issued_by", "").strip() or None, filled.get("campaign", "").strip() or None
    for name, written in filled.items():
        for place in written.replace("，", ",").split(",") if name.startswith(PREFIX) else ():
            if place.strip():
                one = {"sku": name.removeprefix(PREFIX), "place": place.strip()}
                yield convert(one | {"issued_by": issued_by, "campaign": campaign}, ShelfInput)


async def _page(
    request: CodeRequest, here: Frame, filled: Mapping[str, str], refusal: DomainError | None = None
) -> Response:
    """The page, with what was `filled` into its refused form."""
    state, wish, language = request.state, query(request, Looked), here.texts.language
    codes = await shelves_of(state["signer"], state["settings"], here.hall, state["clock"])
    offered = await find_products(Wanted(wish.q, state["clock"](), OFFERED))
    named = await products_by_sku([code.sku for code in codes])
    loopback = LoopbackAddressError(state["settings"].base_url) if is_loopback(state["settings"].base_url) else None
    context = {
        "wish": wish,
        "codes": [_row(code, named.get(code.sku), language) for code in codes],
        "offered": [(product.sku, product.names.in_language(language)) for product in offered],
        "prefix": PREFIX,
        "filled": filled,
        "unprintable": loopback and here.texts.fill(loopback.message, loopback.details),
    }
    return here.page("qr/shelves.html", context, refusal, key=filled.get("key", ""))


def _row(code: ShelfCode, product: Product | None, language: str) -> dict[str, Any]:
    return {
        "text": code.code,
        "sku": code.sku,
        "name": product.names.in_language(language) if product else code.sku,
        "picture": picture_url(product.picture) if product else None,
        "place": code.place,
        "told": " · ".join(filter(None, ((code.issued_by or "").removeprefix("staff:"), code.campaign))),
        "scans": code.scans,
    }


def _label(here: Frame, code: ShelfCode, product: Product | None) -> Label:
    names = (product.names.zh, product.names.en) if product else (code.sku, code.sku)
    return Label(code.address, names, code.place, here.hall.names.zh)


routes: list[BaseRoute] = [
    Route("/manage/{hall}/shelves", show_shelves, methods=["GET"], name="manage_shelves"),
    Route("/manage/{hall}/shelves", change_shelves, methods=["POST"]),
    Route("/manage/{hall}/shelves.pdf", download_labels, methods=["GET"], name="shelves_pdf"),
]

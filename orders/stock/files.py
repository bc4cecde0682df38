"""Stock from a file, with a preview that can be corrected, and stock as a file."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from booking.state import attempt
from halls.stock.queries import levels_at, movements_at
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import DomainError, UnavailableError
from o2o.kernel.forms import new_key
from o2o.kernel.http import convert, read_body
from o2o.kernel.uploads import read_parts
from orders.state import OrdersRequest
from orders.stock.csv_reading import LONGEST_REASON, MOST_BYTES, MOST_LINES, decoded, lines_of
from orders.stock.csv_writing import Cell, csv_file
from orders.stock.frame import HOME, Frame, frame
from orders.stock.importing import Examined, carry_out, examine
from orders.stock.lists import named
from staff.manage import signed_in

TAB: Final = "/import"
MOST_SENT: Final = 2 * MOST_BYTES + 16 * 1024
"""A text that is corrected comes with the file it came from at most."""
MOST_MOVEMENTS: Final = 100_000


class ImportForm(Struct, frozen=True):
    """`text` is the file as it stands in the page, `reason` is for lines without one; `act` is check or confirm."""

    csrf: str = ""
    key: str = ""
    act: str = "check"
    text: str = ""
    reason: str = ""


@signed_in
async def show_import(request: OrdersRequest) -> Response:
    return _page(await frame(request, TAB, keep=True), ImportForm(key=new_key()))


@signed_in
async def create_import(request: OrdersRequest) -> Response:
    """Look at a file's lines, or carry them out. One key goes with a file until all of it is done."""
    await read_body(request, MOST_SENT)  # Before who sends it is asked, which looks for the form's token in it.
    here, parts = await frame(request, TAB, keep=True), await read_parts(request, MOST_SENT)
    filled = convert(parts.fields, ImportForm)
    try:
        if parts.file:
            filled = ImportForm(filled.csrf, filled.key, "check", decoded(parts.file), filled.reason)
        return await _looked_at(here, filled)
    except DomainError as refusal:
        return _page(here, filled, refusal)


async def _looked_at(here: Frame, filled: ImportForm) -> Response:
    state, tried = here.request.state, attempt(here.request, here.staff.principal, b"", key=filled.key)
    decoded(filled.text.encode())  # A text that was typed has the same bounds as a file.
    lines = lines_of(filled.text, here.place.id, filled.reason.strip()[: LONGEST_REASON + 1])
    examined = await examine(lines, here.staff, state["places"], tried)
    if filled.act != "confirm" or any(one.line.faults for one in examined):
        return _page(here, filled, examined=examined)
    refusals = await carry_out(state["stock"], lines, tried)
    return await _told(here, filled, refusals, tried)


async def _told(here: Frame, filled: ImportForm, refusals: Mapping[str, DomainError], tried: Attempt) -> Response:
    """What was done, and what not: the same form, sent again, goes on with the rest."""
    lines = lines_of(filled.text, here.place.id, filled.reason.strip())
    examined = await examine(lines, here.staff, here.request.state["places"], tried)
    away = next((one for one in refusals.values() if isinstance(one, UnavailableError)), None)
    return _page(here, filled, away, examined, refusals)


def _page(
    here: Frame,
    filled: ImportForm,
    refusal: DomainError | None = None,
    examined: Sequence[Examined] = (),
    refusals: Mapping[str, DomainError] | None = None,
) -> Response:
    rows = [_row(here, one, (refusals or {}).get(one.line.name)) for one in examined]
    faulty = sum(bool(row["faults"]) for row in rows)
    done = sum(row["done"] for row in rows)
    context = {
        "text": filled.text,
        "reason": filled.reason,
        "rows": sorted(rows, key=lambda row: not row["faults"]),
        "faulty": faulty,
        "done_lines": done,
        "ready": bool(rows) and not faulty and done < len(rows),
        "all_done": bool(rows) and done == len(rows),
        "most_lines": MOST_LINES,
        "most_kb": MOST_BYTES // 1024,
        "key": filled.key or new_key(),
    }
    return here.page("import.html", context, refusal)


def _row(here: Frame, one: Examined, refusal: DomainError | None) -> dict[str, Any]:
    """A line as the page says it: what it would do or has done, or what is wrong with it and what to do."""
    line, language = one.line, here.texts.language
    faults = [(fault.column, here.texts.fill(fault.message, fault.details)) for fault in line.faults]
    if refusal and not one.done:
        faults.append(("", here.texts.fill(refusal.message, refusal.details)))
    had = one.before.on_hand if one.before else 0
    return {
        "number": line.number,
        "place": line.place,
        "elsewhere": line.place != here.place.id,
        "sku": line.sku,
        "name": one.product.names.in_language(language) if one.product else line.sku,
        "counted": line.quantity is None,
        "before": had,
        "after": had if one.done else one.after,
        "reason": line.reason,
        "faults": faults,
        "done": one.done,
    }


@signed_in
async def download_levels(request: OrdersRequest) -> Response:
    """What the place has, in the columns that an import reads: count, fill in, send it back."""
    here = await frame(request, "")
    rows = await named(await levels_at(here.place.id), here.texts.language)
    head = ("place", "sku", "name", "on_hand", "allocated", "held", "available", "reason")
    cells = ((row.place, row.sku, row.name, row.on_hand, row.allocated, row.held, row.available, "") for row in rows)
    return await _file(f"stock-{here.place.id}.csv", head, cells)


@signed_in
async def download_movements(request: OrdersRequest) -> Response:
    """Why the place has what it has, newest first, on the place's own clock."""
    here = await frame(request, "")
    head = ("at", "sku", "kind", "change", "on_hand_since", "other_place", "by", "why", "id")
    cells = (
        (
            _when(here, one.at),
            one.sku,
            one.kind.value,
            one.quantity,
            one.on_hand,
            one.other,
            one.actor,
            one.reason,
            one.id,
        )
        for one in await movements_at(here.place.id, most=MOST_MOVEMENTS)
    )
    return await _file(f"movements-{here.place.id}.csv", head, cells)


def _when(here: Frame, at: int) -> str:
    return datetime.fromtimestamp(at / 1000, here.zone).strftime("%Y-%m-%d %H:%M:%S")


async def _file(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Made in a thread, the rows too when they are made one by one: there may be a hundred thousand."""
    written = await asyncio.to_thread(csv_file, head, rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(written, headers=headers, media_type="text/csv; charset=utf-8")


routes: list[BaseRoute] = [
    Route(HOME + "/{place}/import", show_import, methods=["GET"], name="import_page"),
    Route(HOME + "/{place}/import", create_import, methods=["POST"]),
    Route(HOME + "/{place}/stock.csv", download_levels, methods=["GET"], name="stock_file"),
    Route(HOME + "/{place}/movements.csv", download_movements, methods=["GET"], name="movements_file"),
]

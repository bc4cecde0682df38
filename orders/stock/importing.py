"""A file of stock, line by line: what each would do, and doing it, each line as an operation of its own.

A line's operation follows from the form's key, its place, product and kind, so that sending the file again repeats
nothing: what broke off goes on, and what was corrected is added.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from halls.stock.places import Places
from halls.stock.queries import levels_at
from halls.stock.schemas import Level
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import DomainError, UnavailableError
from o2o.kernel.http import Operation
from o2o.kernel.i18n import _
from o2o.kernel.models import Event
from o2o.kernel.signing import digest
from orders.products import products_by_sku
from orders.schemas import Product
from orders.stock.csv_reading import Fault, Line
from orders.stock.rights import may_keep
from staff.schemas import Staff

AT_ONCE: Final = 50
CHANGED_SINCE: Final = _(
    "This line was carried out before it was changed, and is not done again. Take it out, or begin with another file."
)
ASKED_AT_ONCE: Final = 400


@dataclass(frozen=True, slots=True)
class Examined:
    """A line and what it would do: `product` where there is one, what the place has `before` it and after."""

    line: Line
    product: Product | None = None
    before: Level | None = None
    done: bool = False

    @property
    def after(self) -> int:
        had = self.before.on_hand if self.before else 0
        return had + self.line.quantity if self.line.quantity is not None else self.line.on_hand or 0


async def examine(lines: Sequence[Line], staff: Staff, places: Places, attempt: Attempt) -> list[Examined]:
    """Each line against what there is: place and right, product, what is promised, and whether it was done already."""
    known = {place.id for place in await places.all()}
    named = {line.place for line in lines} & known
    levels = {(one.place, one.sku): one for place in sorted(named) for one in await levels_at(place)}
    products = await products_by_sku({line.sku for line in lines})
    done = await _done(lines, attempt)
    examined = []
    for line in lines:
        was = done.get(line.name)
        found = Examined(line, products.get(line.sku), levels.get((line.place, line.sku)), was is not None)
        faults = () if line.faults or found.done else tuple(_faults(found, known, staff))
        if was is not None and was != operation_of(line, attempt).body:
            faults = (Fault("quantity", CHANGED_SINCE),)
        examined.append(
            Examined(line._replace(faults=(*line.faults, *faults)), found.product, found.before, found.done)
        )
    return examined


async def carry_out(room: Stockroom, lines: Sequence[Line], attempt: Attempt) -> Mapping[str, DomainError]:
    """Do each line; what was refused, by the line's name. After UnavailableError nothing more is begun."""
    refusals: dict[str, DomainError] = {}
    for start in range(0, len(lines), AT_ONCE):
        batch = lines[start : start + AT_ONCE]
        for line, refusal in zip(
            batch, await asyncio.gather(*(_do(room, line, attempt) for line in batch)), strict=True
        ):
            if refusal:
                refusals[line.name] = refusal
        if any(isinstance(one, UnavailableError) for one in refusals.values()):
            break
    return refusals


def operation_of(line: Line, attempt: Attempt) -> Operation:
    """The same line of the same form is the same operation; another number under it is refused."""
    told = f"{line.quantity} {line.on_hand} {line.reason}"
    return Operation(digest(f"{attempt.operation.id}\n{line.name}".encode()), digest(told.encode()))


async def _do(room: Stockroom, line: Line, attempt: Attempt) -> DomainError | None:
    step = Attempt(operation_of(line, attempt), attempt.actor, attempt.received)
    try:
        if line.quantity is not None:
            await room.receive(line.place, line.sku, line.quantity, step, reason=line.reason or "file")
        else:
            await room.count(line.place, line.sku, line.on_hand or 0, step, reason=line.reason)
    except DomainError as refusal:
        return refusal
    return None


async def _done(lines: Sequence[Line], attempt: Attempt) -> dict[str, str]:
    """The lines that were carried out by an attempt before: name → digest of what was done then."""
    names = {operation_of(line, attempt).id: line.name for line in lines}
    ops, found = list(names), dict[str, str]()
    for start in range(0, len(ops), ASKED_AT_ONCE):
        asked = Event.filter(op__in=ops[start : start + ASKED_AT_ONCE]).values_list("op", "body")
        found |= {names[op]: body for op, body in await asked}
    return found


def _faults(found: Examined, known: set[str], staff: Staff) -> list[Fault]:
    line, product = found.line, found.product
    if line.place not in known:
        return [
            Fault(
                "place",
                _("There is no place “%(value)s”. Write the id of a hall or a warehouse."),
                {"value": line.place},
            )
        ]
    if not may_keep(staff, line.place):
        return [Fault("place", _("You don't keep the stock of “%(value)s”. Take the line out."), {"value": line.place})]
    if product is None or not product.kind.has_stock:
        return [
            Fault(
                "sku", _("There is no product “%(value)s”. Copy the SKU from the list of stock."), {"value": line.sku}
            )
        ]
    if product.serialised:
        return [Fault("sku", _("Its pieces have serial numbers: receive them on the product's own page."))]
    kept = found.before.held + found.before.allocated if found.before else 0
    if line.on_hand is not None and line.on_hand < kept:
        return [
            Fault(
                "on_hand",
                _("%(kept)s are kept for customers or sold. Count again, or let those go first."),
                {"kept": kept},
            )
        ]
    return []

"""What customers are told of their order: into the outbox, in the transaction of what it tells about."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tortoise.backends.base.client import BaseDBAsyncClient

from messages.contacts import seal
from messages.schemas import Contact, Link, Message
from messages.service import put, take_out
from messages.states import Purpose
from o2o.kernel.clock import from_ms
from o2o.kernel.i18n import translator
from o2o.kernel.words import dated
from orders.contacts import read_contact
from orders.models import LineRecord, OrderRecord
from orders.money import price
from orders.rights import PURPOSE
from orders.service.moving import Deed
from orders.state import OrdersState

Some = tuple[LineRecord, int]
"""So many units of a line."""


class Told(NamedTuple):
    """One message, at `at` (ms): of each (purpose, subject) there is one."""

    purpose: Purpose
    subject: str
    params: Mapping[str, str]
    at: int


async def tell_placed(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, lines: Sequence[LineRecord], phone: str | None
) -> None:
    """Once, with the link to the order. Nobody who gave no phone number. The contact is not committed yet."""
    if phone is not None:
        params = {"items": items(lines, row.language), "total": price(row.goods + row.delivery_fee)}
        await _put(client, state, row, Told(Purpose.ORDER_PLACED, row.id, params, row.placed_at), phone)


async def take_back_placed(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, lines: Sequence[LineRecord], deed: Deed
) -> None:
    """It was withdrawn, which its customer was answered: they need not be told of it, unless they were already."""
    if not await take_out(client, Purpose.ORDER_PLACED, row.id):
        await tell_cancelled(client, state, row, lines, deed)


async def tell_ready(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, lines: Sequence[LineRecord], deed: Deed
) -> None:
    """Again with each notice: the resend button's is another message."""
    hall = await state["directory"].get(row.hall)
    zone, texts = ZoneInfo(hall.time_zone), translator(row.language)
    params = {
        "items": items(lines, row.language),
        "place": hall.names.in_language(row.language),
        "until": dated(row.pickup_until or deed.at, from_ms(deed.at), zone, texts),
    }
    await _tell(client, state, row, Told(Purpose.READY, f"{row.id}.{row.notices}", params, deed.at))


async def tell_cancelled(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, lines: Sequence[LineRecord], deed: Deed
) -> None:
    params = {"items": items(lines, row.language)}
    await _tell(client, state, row, Told(Purpose.CANCELLED, row.id, params, deed.at))


async def tell_not_collected(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, lines: Sequence[LineRecord], deed: Deed
) -> None:
    hall = await state["directory"].get(row.hall)
    params = {"items": items(lines, row.language), "place": hall.names.in_language(row.language)}
    await _tell(client, state, row, Told(Purpose.NOT_COLLECTED, row.id, params, deed.at))


async def tell_refunded(
    client: BaseDBAsyncClient,
    state: OrdersState,
    row: OrderRecord,
    told: tuple[Sequence[Some], int],
    deed: Deed,
) -> None:
    """`told`: what of, and how much (fen)."""
    some, amount = told
    params = {"items": named(some, row.language), "amount": price(amount)}
    await _tell(client, state, row, Told(Purpose.REFUNDED, f"{row.id}.{row.version}", params, deed.at))


def items(lines: Sequence[LineRecord], language: str) -> str:
    """The lines as people say them, in the message's language."""
    return named([(line, line.quantity) for line in lines], language)


def named(some: Sequence[Some], language: str) -> str:
    """As `items`, of so many units of each."""
    names = [(line.name_zh if language == "zh-CN" else line.name_en, quantity) for line, quantity in some]
    said = [name if quantity == 1 else f"{name} × {quantity}" for name, quantity in names]
    return ("、" if language == "zh-CN" else ", ").join(said)


async def _tell(client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, told: Told) -> None:
    contact = await read_contact(state["signer"], row.id)
    if contact is not None and contact.phone is not None:
        await _put(client, state, row, told, contact.phone)


async def _put(client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, told: Told, phone: str) -> None:
    await put(
        client,
        Message(
            purpose=told.purpose,
            subject=told.subject,
            language=row.language,
            contact=seal(state["signer"], Contact(phone=phone)),
            at=told.at,
            params=told.params,
            link=Link(f"/o/{row.id}", PURPOSE, row.id),
            hall=row.hall,
        ),
    )

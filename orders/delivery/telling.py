"""What customers are told of a parcel: into the outbox, in the transaction of what it tells about."""

from collections.abc import Mapping, Sequence

from msgspec import structs
from tortoise.backends.base.client import BaseDBAsyncClient

from messages.contacts import seal
from messages.schemas import Contact, Link, Message
from messages.service import put
from messages.states import Purpose
from o2o.kernel.i18n import Translator, translator
from orders.contacts import read_contact
from orders.delivery.carriers import NAMES
from orders.delivery.models import Shipment
from orders.models import LineRecord, OrderRecord
from orders.rights import PURPOSE
from orders.service.telling import items
from orders.state import OrdersState


async def tell_shipped(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, shipment: Shipment, lines: Sequence[LineRecord]
) -> None:
    params = _of(row, shipment, lines) | {"tracking": shipment.tracking}
    await _tell(client, state, row, _message(Purpose.SHIPPED, shipment.id, params, shipment.changed_at))


async def tell_out_for_delivery(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, shipment: Shipment, lines: Sequence[LineRecord]
) -> None:
    """Once for each parcel, however often it is taken along."""
    message = _message(Purpose.OUT_FOR_DELIVERY, shipment.id, _of(row, shipment, lines), shipment.changed_at)
    await _tell(client, state, row, message)


async def tell_delivered(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, shipment: Shipment, lines: Sequence[LineRecord]
) -> None:
    params = {"items": items(lines, row.language)}
    await _tell(client, state, row, _message(Purpose.DELIVERED, shipment.id, params, shipment.changed_at))


async def tell_failed(
    client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, shipment: Shipment, lines: Sequence[LineRecord]
) -> None:
    """Each time that it fails."""
    subject, params = f"{shipment.id}.{shipment.changed_at}", _of(row, shipment, lines)
    await _tell(client, state, row, _message(Purpose.DELIVERY_FAILED, subject, params, shipment.changed_at))


def carrier_name(code: str, texts: Translator) -> str:
    """As people know it; one that we don't know by its code."""
    return texts(NAMES[code]) if code in NAMES else code


def _of(row: OrderRecord, shipment: Shipment, lines: Sequence[LineRecord]) -> dict[str, str]:
    return {"items": items(lines, row.language), "carrier": carrier_name(shipment.carrier, translator(row.language))}


def _message(purpose: Purpose, subject: str, params: Mapping[str, str], at: int) -> Message:
    return Message(purpose=purpose, subject=subject, language="", contact="", at=at, params=params)


async def _tell(client: BaseDBAsyncClient, state: OrdersState, row: OrderRecord, message: Message) -> None:
    """Nobody is told whose contact has been erased."""
    contact = await read_contact(state["signer"], row.id)
    if contact is None:
        return
    sealed = seal(state["signer"], Contact(phone=contact.phone))
    link = Link(f"/o/{row.id}", PURPOSE, row.id)
    await put(client, structs.replace(message, language=row.language, contact=sealed, link=link, hall=row.hall))

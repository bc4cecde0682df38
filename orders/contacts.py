"""Who an order is for, and the secret that collects it: sealed together, apart from the order."""

import secrets
from collections.abc import Collection
from contextlib import suppress
from typing import Final

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from o2o.kernel.signing import SealError, Signer
from orders.delivery.addresses import Address
from orders.models import OrderContactRecord

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without o, 0, i, l and 1: what people read out and type is never mistaken."""
LENGTH: Final = 12  # 59 bits.
GROUP: Final = 4
PURPOSE: Final = "pickup"


class OrderContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """`phone` is E.164, None where a counter was given none; `pickup` the code, if any, that collects it."""

    phone: str | None
    address: Address | None = None
    pickup: str | None = None


def new_pickup_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _time in range(LENGTH))


def typed(code: str) -> str:
    """The code however it was typed, or read from its picture, which has the order's id before it."""
    return "".join(letter for letter in code.rpartition(".")[2].lower() if letter in ALPHABET)


def grouped(code: str) -> str:
    """As people read it: in groups of four."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def pictured(order: str, code: str) -> str:
    """What the picture says: whose order it is, and the secret."""
    return f"{order}.{code}"


def pickup_hash(signer: Signer, hall: str, code: str) -> str:
    """What SQL may know of it: enough to find the order again in that hall alone."""
    return signer.token(PURPOSE, f"{hall}:{code}")


async def write_contact(client: BaseDBAsyncClient, signer: Signer, order: str, contact: OrderContact) -> None:
    sealed = signer.seal(msgspec.json.encode(contact).decode())
    await OrderContactRecord.create(using_db=client, order_id=order, sealed=sealed)


async def read_contact(signer: Signer, order: str) -> OrderContact | None:
    """None when it was erased, or sealed with a key that is not ours any more."""
    return (await read_contacts(signer, [order])).get(order)


async def read_contacts(signer: Signer, orders: Collection[str]) -> dict[str, OrderContact]:
    """By order; those that were erased, or sealed with a key that is not ours any more, are absent."""
    found = {}
    for row in await OrderContactRecord.filter(order_id__in=list(orders)):
        with suppress(SealError):
            found[row.order_id] = msgspec.json.decode(signer.open(row.sealed), type=OrderContact)
    return found

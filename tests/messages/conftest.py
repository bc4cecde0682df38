"""An open database with every table, and a message that could be sent."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from msgspec import structs

from messages.contacts import seal
from messages.schemas import Contact, Link, Message
from messages.states import Purpose
from o2o.kernel.clock import to_ms
from o2o.kernel.database import open_database
from o2o.kernel.signing import Signer
from tests.serving import START

SIGNER = Signer(["the key of the tests, of no worth elsewhere"])
CONTACT = Contact(phone="+8613812341234", email="zhang@customer.test")


@pytest.fixture
async def tables(database: str) -> AsyncIterator[None]:
    async with open_database(database):
        yield


@pytest.fixture
def message() -> Callable[..., Message]:
    """Make a message; what is given takes the place of what is usual."""
    usual = Message(
        purpose=Purpose.READY,
        subject="line-1",
        language="en",
        contact=seal(SIGNER, CONTACT),
        at=to_ms(START),
        params={"items": "Phone case", "place": "Heping Hall", "until": "1 December"},
        link=Link("/o/order-1", right="order", of="order-1"),
        hall="heping",
    )

    def make(**given: Any) -> Message:
        return structs.replace(usual, **given)

    return make

"""A service with the outbox, two halls and their managers; and messages of both."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

import o2o.outbox.endpoints
import o2o.outbox.pages
from messages.contacts import seal
from messages.models import Outgoing
from messages.schemas import Contact, Link, Message
from messages.service import put
from messages.states import Purpose
from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from staff import audit_endpoints
from tests.serving import START, Service, add_halls, add_people, serve

ROUTES = [*o2o.outbox.endpoints.routes, *o2o.outbox.pages.routes, *audit_endpoints.routes]
Put = Callable[..., Awaitable[str]]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    mail = {"O2O_SMTP_URL": "smtp://127.0.0.1:9", "O2O_MAIL_FROM": "o2o <hall@o2o.test>"}
    async with serve(tmp_path, ROUTES, **mail) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "manager", "hq")
        yield service


@pytest.fixture
def told(service: Service) -> Put:
    """Put a message about `about`, and let it have come as far as `state`; its id."""

    async def make(about: str, state: str = "kept", hall: str | None = "heping", minute: int = 0, **whom: str) -> str:
        contact = seal(service.state["signer"], Contact(**(whom or {"phone": "+8613812341234"})))
        given = Message(
            purpose=Purpose.READY,
            subject=about,
            language="en",
            contact=contact,
            at=to_ms(START) + minute * 60_000,
            params={"items": f"Case {about}", "place": "Heping Hall", "until": "1 December"},
            link=Link(f"/o/{about}", right="order", of=about),
            hall=hall,
        )
        await transaction(lambda client: put(client, given))
        await Outgoing.filter(subject=about).update(state=state, tries=1)
        return (await Outgoing.get(subject=about)).id

    return make

"""What the doctor says of messages: no channel, late ones, and those that fail."""

from datetime import timedelta
from typing import Any

import pytest

from messages.contacts import seal
from messages.models import Outgoing
from messages.schemas import Contact, Message
from messages.service import put
from messages.states import Purpose
from o2o.doctor.finding import Verdict
from o2o.kernel.clock import system_clock, to_ms
from o2o.kernel.database import open_database, transaction
from o2o.kernel.settings import read_settings
from o2o.kernel.signing import Signer
from tests.doctor.conftest import KEY, Installation

PRODUCTION = {"O2O_ENV": "production", "O2O_BASE_URL": "https://hall.example"}
MAIL = {"O2O_SMTP_URL": "smtp://mail.example", "O2O_MAIL_FROM": "o2o <hall@o2o.test>"}


async def put_one(installation: Installation, minutes_ago: int, **values: Any) -> None:
    async with open_database(read_settings(installation.environ).database_url):
        contact = seal(Signer([KEY]), Contact(phone="+8613812341234"))
        at = to_ms(system_clock() - timedelta(minutes=minutes_ago))
        texts = {"items": "Phone case"}
        given = Message(
            purpose=Purpose.DELIVERED, subject="line-1", language="en", contact=contact, at=at, params=texts
        )
        await transaction(lambda client: put(client, given))
        if values:
            await Outgoing.all().update(**values)


async def test_nothing_is_wrong_with_an_empty_outbox(installation: Installation) -> None:
    assert (await installation.findings())["messages"].verdict is Verdict.FINE


async def test_production_without_a_channel_is_told_so(installation: Installation) -> None:
    installation.environ |= PRODUCTION
    assert (await installation.ills())["messages.silent"] is Verdict.MIND

    installation.environ |= MAIL
    assert "messages.silent" not in await installation.ills()


async def test_a_trial_without_a_channel_is_nothing_to_mind(installation: Installation) -> None:
    assert "messages.silent" not in await installation.ills()


@pytest.mark.parametrize(
    ("minutes_ago", "values", "ill"),
    [
        (11, {}, "messages.late"),
        (9, {}, None),
        (9, {"state": "failed"}, "messages.failing"),
        (9, {"tries": 2}, "messages.failing"),
        (9, {"state": "sent"}, None),
        (2 * 24 * 60, {"state": "failed"}, None),
    ],
)
async def test_what_waits_or_fails_is_told(
    installation: Installation, minutes_ago: int, values: dict[str, Any], ill: str | None
) -> None:
    await put_one(installation, minutes_ago, **values)

    assert {name for name in await installation.ills() if name.startswith("messages")} == ({ill} if ill else set())

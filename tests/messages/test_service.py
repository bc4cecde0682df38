"""A message is put once, with what it tells about or not at all."""

import asyncio
from collections.abc import Callable

import pytest

from messages.models import Outgoing
from messages.schemas import Message
from messages.service import put
from messages.states import Purpose
from o2o.kernel.database import transaction

pytestmark = pytest.mark.usefixtures("tables")
Make = Callable[..., Message]


async def test_a_message_waits_in_the_outbox(message: Make) -> None:
    assert await transaction(lambda client: put(client, message()))

    row = await Outgoing.get(subject="line-1")
    assert (row.purpose, row.hall, row.state, row.tries, row.round) == ("ready", "heping", "waiting", 0, 0)


async def test_nobody_can_be_read_from_the_table(message: Make) -> None:
    await transaction(lambda client: put(client, message()))

    row = str(dict(await Outgoing.get(subject="line-1").values()))
    assert "1381234" not in row
    assert "zhang" not in row


async def test_of_a_purpose_and_a_subject_there_is_one_message(message: Make) -> None:
    puts = [transaction(lambda client: put(client, message())) for _repeat in range(5)]

    assert sorted(await asyncio.gather(*puts)) == [False] * 4 + [True]
    assert await transaction(lambda client: put(client, message(subject="line-2")))
    assert await transaction(lambda client: put(client, message(purpose=Purpose.DELIVERED)))
    assert await Outgoing.all().count() == 3


async def test_what_was_undone_is_told_to_nobody(message: Make) -> None:
    async def refused_at_last(client: object) -> None:
        await put(client, message())  # type: ignore[arg-type]
        raise LookupError

    with pytest.raises(LookupError):
        await transaction(refused_at_last)
    assert await Outgoing.all().count() == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [({"params": {"items": "Phone case"}}, "needs place, until"), ({"language": "fr"}, "no texts in fr")],
)
async def test_a_message_that_could_not_be_written_is_refused_at_once(
    message: Make, given: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        await transaction(lambda client: put(client, message(**given)))
    assert await Outgoing.all().count() == 0


async def test_a_message_may_be_due_later(message: Make) -> None:
    later = message().at + 60_000

    await transaction(lambda client: put(client, message(due_at=later)))

    assert (await Outgoing.get(subject="line-1")).due_at == later

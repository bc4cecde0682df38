"""What is due is sent once; what fails is tried again, and in the end given up; what leads nowhere says so."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from typing_extensions import override

import messages.claims
from messages.channels import Channel, Letter, NeverError, NotNowError
from messages.claims import LEASE_MS, claim
from messages.contacts import seal
from messages.jobs import erase_contacts
from messages.mail import Mail
from messages.models import Outgoing
from messages.schemas import Contact, Message
from messages.sending import PAUSES, Sending
from messages.service import put
from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from o2o.kernel.mail import Mailbox, MailServer
from tests.messages.conftest import SIGNER
from tests.messages.mail_server import mail_server
from tests.serving import START, MovableClock

pytestmark = pytest.mark.usefixtures("tables")
Make = Callable[..., Message]


class Pigeons(Channel):
    """A channel that keeps what it was given, and does what a test wants instead."""

    name = "pigeons"

    def __init__(self, *troubles: BaseException) -> None:
        self.took: list[Letter] = []
        self.troubles = list(troubles)

    @override
    def reaches(self, contact: Contact) -> bool:
        return bool(contact.email)

    @override
    async def send(self, letter: Letter) -> None:
        await asyncio.sleep(0)
        if self.troubles:
            raise self.troubles.pop(0)
        self.took.append(letter)


class Crashing(Pigeons):
    """Takes the letter, and takes the sender's process down before it can say so."""

    @override
    async def send(self, letter: Letter) -> None:
        self.took.append(letter)
        raise asyncio.CancelledError


def sending(clock: MovableClock, *channels: Channel) -> Sending:
    return Sending(channels, SIGNER, "https://hall.example", clock)


async def put_all(made: Sequence[Message]) -> None:
    for one in made:
        await transaction(lambda client, one=one: put(client, one))  # type: ignore[misc]


async def test_what_is_due_is_sent_and_marked(message: Make) -> None:
    clock, pigeons = MovableClock(), Pigeons()
    await put_all([message()])
    clock.advance(seconds=2)

    await sending(clock, pigeons).step()
    await sending(clock, pigeons).step()

    (letter,) = pigeons.took
    row = await Outgoing.get(subject="line-1")
    assert letter.written.subject == "Ready for you at Heping Hall"
    assert letter.written.text.endswith(f"https://hall.example/o/order-1?k={SIGNER.token('order', 'order-1')}")
    assert (row.state, row.channel, row.tries, row.lease) == ("sent", "pigeons", 1, None)
    assert row.sent_at == to_ms(clock())


async def test_what_is_due_later_waits(message: Make) -> None:
    clock, pigeons = MovableClock(), Pigeons()
    await put_all([message(due_at=to_ms(START) + 60_000)])

    await sending(clock, pigeons).step()
    assert pigeons.took == []
    clock.advance(seconds=60)
    await sending(clock, pigeons).step()
    assert len(pigeons.took) == 1


async def test_a_message_that_no_channel_leads_to_is_kept_and_never_called_sent(message: Make) -> None:
    by_phone = seal(SIGNER, Contact(phone="+8613812341234"))
    pigeons = Pigeons()
    await put_all([message(), message(subject="line-2", contact=by_phone)])

    await sending(MovableClock()).step()
    await sending(MovableClock(), pigeons).step()

    rows = await Outgoing.all()
    assert {(row.state, row.channel, row.sent_at) for row in rows} == {("kept", "outbox", None)}
    assert pigeons.took == []


async def test_two_who_send_at_once_send_each_message_once(message: Make) -> None:
    pigeons = Pigeons()
    await put_all([message(subject=f"line-{n}") for n in range(20)])

    await asyncio.gather(*(sending(MovableClock(), pigeons).step() for _process in range(4)))

    assert len(pigeons.took) == len({letter.id for letter in pigeons.took}) == 20


async def test_without_the_condition_of_a_claim_two_send_the_same(
    message: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race is there."""
    pigeons = Pigeons()
    monkeypatch.setattr(messages.claims, "_due", lambda _now: Outgoing.filter(state="waiting"))
    monkeypatch.setattr(Outgoing, "filter", _whatever_the_lease(Outgoing.filter))
    await put_all([message(subject=f"line-{n}") for n in range(20)])

    await asyncio.gather(*(sending(MovableClock(), pigeons).step() for _process in range(4)))

    assert len(pigeons.took) > 20


def _whatever_the_lease(usual: Callable[..., object]) -> Callable[..., object]:
    def asked(*conditions: object, **values: object) -> object:
        values.pop("lease", None)
        return usual(*conditions, **values)

    return asked


async def test_a_crash_between_sending_and_marking_sends_the_same_letter_again_later(message: Make) -> None:
    clock, crashing, pigeons = MovableClock(), Crashing(), Pigeons()
    await put_all([message()])

    await sending(clock, crashing).step()
    await sending(clock, pigeons).step()
    assert pigeons.took == []
    clock.advance(seconds=LEASE_MS / 1000)
    await sending(clock, pigeons).step()

    assert [letter.id for letter in pigeons.took] == [letter.id for letter in crashing.took]
    assert (await Outgoing.get(subject="line-1")).tries == 2


async def test_whoever_took_too_long_does_not_mark_what_another_has(message: Make) -> None:
    clock = MovableClock()
    await put_all([message()])
    (slow,) = await claim(to_ms(clock()), 8)
    clock.advance(seconds=LEASE_MS / 1000)
    (quick,) = await claim(to_ms(clock()), 8)

    assert not await messages.claims.settle(slow, {"state": "failed"})
    assert await messages.claims.settle(quick, {"state": "sent"})
    assert (await Outgoing.get(subject="line-1")).state == "sent"


async def test_what_fails_for_now_is_tried_again_less_and_less_often_until_it_is_given_up(message: Make) -> None:
    clock, pigeons = MovableClock(), Pigeons(*(NotNowError("greylisted") for _try in range(20)))
    await put_all([message()])
    tried = []
    for _hour in range(20 * 60):
        before = len(pigeons.troubles)
        await sending(clock, pigeons).step()
        if len(pigeons.troubles) < before:
            tried.append((clock() - START) // timedelta(minutes=1))
        clock.advance(minutes=1)

    row = await Outgoing.get(subject="line-1")
    assert len(tried) == len(PAUSES) + 1
    assert tried[:5] == [0, 1, 3, 13, 43]
    assert tried[-1] // 60 == 15
    assert (row.state, row.last_error) == ("failed", "greylisted")


async def test_what_fails_for_good_is_not_tried_again(message: Make) -> None:
    clock, pigeons = MovableClock(), Pigeons(NeverError("550 <zhang@customer.test> is not here"))
    await put_all([message()])

    await sending(clock, pigeons).step()
    clock.advance(hours=20)
    await sending(clock, pigeons).step()

    row = await Outgoing.get(subject="line-1")
    assert (row.state, row.tries, pigeons.took) == ("failed", 1, [])
    assert row.failed_at == to_ms(START)
    assert row.last_error == "550 <138****1234 · z****@customer.test> is not here"


async def test_one_that_fails_holds_no_other_up(message: Make) -> None:
    pigeons = Pigeons(NeverError("no such mailbox"))
    await put_all([message(subject=f"line-{n}") for n in range(10)])

    await sending(MovableClock(), pigeons).step()

    assert len(pigeons.took) == 9


async def test_a_channel_that_is_away_is_left_alone_until_the_next_step(message: Make) -> None:
    pigeons = Pigeons(*(NotNowError("no answer", away=True) for _try in range(8)))
    await put_all([message(subject=f"line-{n}") for n in range(20)])

    await sending(MovableClock(), pigeons).step()
    assert (pigeons.troubles, pigeons.took) == ([], [])
    await sending(MovableClock(), pigeons).step()
    assert len(pigeons.took) == 12


async def test_a_message_that_can_not_be_written_harms_no_other_and_ends(message: Make) -> None:
    clock, pigeons = MovableClock(), Pigeons()
    await put_all([message(), message(subject="line-2")])
    await Outgoing.filter(subject="line-1").update(params="{}")

    for _try in range(20):
        await sending(clock, pigeons).step()
        clock.advance(seconds=LEASE_MS / 1000)

    assert len(pigeons.took) == 1
    assert (await Outgoing.get(subject="line-1")).state == "failed"


async def test_what_nobody_sent_for_a_day_is_not_said_any_more(message: Make) -> None:
    clock, pigeons = MovableClock(), Pigeons()
    await put_all([message()])
    clock.advance(days=1)

    await sending(clock, pigeons).step()

    assert pigeons.took == []
    assert (await Outgoing.get(subject="line-1")).state == "failed"


async def test_a_letter_whose_receipt_is_lost_goes_again_as_the_same_letter(message: Make) -> None:
    clock = MovableClock()
    await put_all([message()])
    async with mail_server() as boxes:
        boxes.breaks = 1
        mail = Mail(MailServer.read(f"smtp://127.0.0.1:{boxes.port}"), Mailbox("o2o", "hall@o2o.test"), clock)
        await sending(clock, mail).step()
        assert (await Outgoing.get(subject="line-1")).state == "waiting"
        clock.advance(seconds=PAUSES[0])
        await sending(clock, mail).step()

    first, second = (letter["Message-ID"] for letter in boxes.letters)
    assert first == second
    assert (await Outgoing.get(subject="line-1")).state == "sent"


async def test_whom_it_went_to_is_forgotten_after_its_days_and_what_was_said_is_not(message: Make) -> None:
    clock = MovableClock()
    await put_all([message(), message(subject="line-2", at=to_ms(START + timedelta(days=10)))])
    clock.advance(days=30, seconds=1)

    assert await erase_contacts(30, clock) == 1
    assert await erase_contacts(30, clock) == 0

    old, new = await Outgoing.get(subject="line-1"), await Outgoing.get(subject="line-2")
    assert old.contact is None
    assert old.contact_since is None
    assert old.params == new.params
    assert new.contact is not None


async def test_a_message_that_is_nobodys_any_more_fails(message: Make) -> None:
    clock, pigeons = MovableClock(), Pigeons()
    await put_all([message(), message(subject="line-2", contact="sealed with a key that was thrown away")])
    await Outgoing.filter(subject="line-1").update(contact=None, contact_since=None)

    await sending(clock, pigeons).step()

    assert pigeons.took == []
    assert {row.state for row in await Outgoing.all()} == {"failed"}

"""E-mail as a real server sees it: over TLS where that is due, signed in, one letter to one person, once."""

from pathlib import Path

import pytest

from messages.channels import Letter, NeverError, NotNowError
from messages.mail import Mail
from messages.rendering import Written
from messages.schemas import Contact
from o2o.kernel.mail import Mailbox, MailServer
from tests.messages.mail_server import certificate, mail_server, only
from tests.serving import MovableClock

SENDER = Mailbox("和平营业厅", "hall@o2o.test")
LETTER = Letter(
    "id-1.0",
    Contact(email="zhang@customer.test"),
    "zh-CN",
    Written("可到和平营业厅取货了", "手机壳 已备好:\nhttps://hall.example/o/1"),
)


def mail(url: str) -> Mail:
    return Mail(MailServer.read(url), SENDER, MovableClock())


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with mail_server() as boxes:
        await mail(f"smtp://127.0.0.1:{boxes.port}").send(LETTER)

    (letter,) = boxes.letters
    assert boxes.recipients == ["zhang@customer.test"]
    assert letter["Subject"] == LETTER.written.subject
    assert boxes.texts() == [LETTER.written.text]
    assert (letter["From"], letter["To"]) == ("和平营业厅 <hall@o2o.test>", "zhang@customer.test")
    assert letter["Content-Language"] == "zh-CN"
    assert (letter["Message-ID"], letter["Auto-Submitted"]) == ("<id-1.0@o2o.test>", "auto-generated")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # It does not count TLS from the start.
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_letter_goes_over_tls_and_signed_in(scheme: str, tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    at_once = scheme == "smtps"
    tls = {"tls_context": None if at_once else context, "require_starttls": not at_once}
    auth = {"authenticator": only("o2o", "p@ss:word"), "auth_required": True, "auth_require_tls": not at_once}
    async with mail_server(ssl_context=context if at_once else None, **tls, **auth) as boxes:
        await mail(f"{scheme}://o2o:p%40ss%3Aword@127.0.0.1:{boxes.port}?ca={trusted}").send(LETTER)

    assert len(boxes.letters) == 1
    assert boxes.signed_in == [True]
    assert boxes.secured == [True]


async def test_a_server_that_is_not_who_it_says_gets_no_letter(tmp_path: Path) -> None:
    context, _trusted = certificate(tmp_path)
    async with mail_server(tls_context=context) as boxes:
        with pytest.raises(NotNowError) as refused:
            await mail(f"smtp://127.0.0.1:{boxes.port}").send(LETTER)

    assert refused.value.away
    assert boxes.letters == []


async def test_a_server_elsewhere_is_not_spoken_to_without_tls() -> None:
    """127.1 is found by its name, as any server elsewhere: nobody can say from it that it is this machine."""
    async with mail_server() as boxes:
        with pytest.raises(NotNowError) as refused:
            await mail(f"smtp://o2o:secret@127.1:{boxes.port}").send(LETTER)

    assert refused.value.away
    assert boxes.letters == []


async def test_a_wrong_password_is_our_own_trouble_and_not_the_letters(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    async with mail_server(authenticator=only("o2o", "right"), auth_required=True, tls_context=context) as boxes:
        with pytest.raises(NotNowError, match="535") as refused:
            await mail(f"smtp://o2o:wrong@127.0.0.1:{boxes.port}?ca={trusted}").send(LETTER)

    assert refused.value.away
    assert boxes.letters == []


@pytest.mark.parametrize("stage", ["to_recipient", "to_letter"])
@pytest.mark.parametrize(
    ("answer", "kind", "away"),
    [
        ("550 5.1.1 there is no such mailbox", NeverError, None),
        ("552 5.2.2 the mailbox is full", NeverError, None),
        ("450 4.2.1 the mailbox is busy", NotNowError, False),
        ("451 4.7.1 greylisted", NotNowError, False),
        ("421 4.3.2 going down", NotNowError, True),
    ],
)
async def test_what_is_for_good_is_told_from_what_is_for_now(
    stage: str, answer: str, kind: type[Exception], away: bool | None
) -> None:
    async with mail_server() as boxes:
        setattr(boxes, stage, answer)
        with pytest.raises(kind, match=answer[10:]) as refused:
            await mail(f"smtp://127.0.0.1:{boxes.port}").send(LETTER)

    assert getattr(refused.value, "away", None) is away
    assert boxes.letters == []


async def test_a_server_that_is_away_is_away() -> None:
    async with mail_server() as boxes:
        pass
    with pytest.raises(NotNowError) as refused:
        await mail(f"smtp://127.0.0.1:{boxes.port}").send(LETTER)

    assert refused.value.away


@pytest.mark.parametrize(
    "sly", ["zhang@customer.test\r\nBcc: all@customer.test", "zhang@customer.test, li@customer.test", "zhang"]
)
async def test_what_is_no_address_reaches_nobody(sly: str) -> None:
    async with mail_server() as boxes:
        with pytest.raises(NeverError):
            await mail(f"smtp://127.0.0.1:{boxes.port}").send(LETTER._replace(contact=Contact(email=sly)))

    assert boxes.recipients == []


async def test_a_subject_makes_no_header_of_its_own() -> None:
    sly = LETTER._replace(written=Written("Ready\r\nBcc: all@customer.test", "text"))
    async with mail_server() as boxes:
        with pytest.raises(NeverError):
            await mail(f"smtp://127.0.0.1:{boxes.port}").send(sly)

    assert boxes.recipients == []

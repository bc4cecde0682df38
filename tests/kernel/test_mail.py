"""Who a mail is from, and which server takes it."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from o2o.kernel.mail import Mailbox, MailServer, mail_address


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, None, None, tls=False, ca=None)),
        ("smtp://127.0.0.1:25", MailServer("127.0.0.1", 25, None, None, tls=False, ca=None)),
        ("smtps://o2o:p%40ss@mail.example", MailServer("mail.example", 465, "o2o", "p@ss", tls=True, ca=None)),
        (
            "smtp://o2o%40hall.example:x@mail.example:2525?ca=/etc/ca.pem",
            MailServer("mail.example", 2525, "o2o@hall.example", "x", tls=False, ca="/etc/ca.pem"),
        ),
    ],
)
def test_a_server_is_read_from_its_address(url: str, server: MailServer) -> None:
    assert MailServer.read(url) == server


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example/box", "smtp://mail.example?tls=no"]
)
def test_an_address_that_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="use smtp://"):
        MailServer.read(url)


def test_only_this_machine_is_here() -> None:
    hosts = ("127.0.0.1", "[::1]", "localhost", "10.0.0.1", "mail.example")

    assert [MailServer.read(f"smtp://{host}").here for host in hosts] == [True, True, True, False, False]


@pytest.mark.parametrize("written", ["=?utf-8?q?a=40b.example?=b", "=?utf-8?q?=3Ca=40b.example=3E?=b", "a.=?x?q?a?="])
def test_an_address_is_no_writing_in_another_alphabet(written: str) -> None:
    assert mail_address(f"{written}@hall.example") is None


def test_control_such_an_address_breaks_a_letter_in_other_ways_than_a_bad_one() -> None:
    with pytest.raises((MessageError, IndexError)):
        EmailMessage()["To"] = Address(addr_spec="=?utf-8?q?=3Ca=40b.example=3E?=b@hall.example")


@pytest.mark.parametrize("address", ["=a?=@hall.example", "a+b?=c@hall.example"])
def test_its_letters_alone_are_allowed(address: str) -> None:
    assert mail_address(address) == address


def test_a_mailbox_has_an_address_and_perhaps_a_name() -> None:
    assert Mailbox.read("hall@example.com") == ("", "hall@example.com")
    assert Mailbox.read("Heping Hall <hall@Example.COM>") == ("Heping Hall", "hall@example.com")


@pytest.mark.parametrize("text", ["hall", "Hall <hall>", "<>", "Hall\r\nBcc: all@customer.test <hall@example.com>"])
def test_what_is_no_mailbox_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="use an address"):
        Mailbox.read(text)

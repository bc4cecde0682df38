"""Addresses are checked before anything is written to them, and shown with their middle left out."""

import pytest

from messages.contacts import email, masked, opened, seal
from messages.schemas import Contact
from o2o.kernel.errors import InvalidError
from o2o.kernel.signing import Signer
from tests.messages.conftest import CONTACT, SIGNER


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("zhang@customer.test", "zhang@customer.test"),
        ("  Zhang.San+o2o@Mail.Customer.TEST ", "Zhang.San+o2o@mail.customer.test"),
        ("zhang@例子.测试", "zhang@xn--fsqu00a.xn--0zwm56d"),
    ],
)
def test_an_address_is_kept_as_it_is_written_to(typed: str, address: str) -> None:
    assert email(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "zhang",
        "@customer.test",
        "zhang@",
        "zhang@localhost",
        "zhang@customer..test",
        ".zhang@customer.test",
        "zhang san@customer.test",
        "zhang@customer.test\r\nBcc: all@customer.test",
        "zhang\r\nRCPT TO:<all@customer.test>@customer.test",
        "zhang@customer.test,li@customer.test",
        "<zhang@customer.test>",
        '"zhang"@customer.test',
        "张@customer.test",
        "z" * 65 + "@customer.test",
        "z@" + "c" * 64 + ".test",
        "z@" + ("c" * 60 + ".") * 5 + "test",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidError):
        email(typed)


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        (Contact(phone="+8613812341234"), "138****1234"),
        (Contact(phone="+442079460000"), "+44****0000"),
        (Contact(phone="+3725123"), "+3****123"),
        (Contact(email="zhang@customer.test"), "z****@customer.test"),
        (CONTACT, "138****1234 · z****@customer.test"),
        (Contact(), ""),
        (None, ""),
    ],
)
def test_staff_see_enough_to_know_it_again(contact: Contact | None, shown: str) -> None:
    assert masked(contact) == shown


def test_what_is_sealed_is_read_with_our_keys_only() -> None:
    sealed = seal(SIGNER, CONTACT)

    assert opened(SIGNER, sealed) == CONTACT
    assert opened(Signer(["another key"]), sealed) is None
    assert opened(SIGNER, None) is None

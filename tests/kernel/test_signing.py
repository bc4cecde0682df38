"""Tokens, MACs and seals, and that old keys stay good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel.signing import SealError, Signer, digest

OLD, NEW = "o" * 32, "n" * 32
SIGNER = Signer([OLD])


@given(st.text(), st.text(alphabet=st.characters(codec="utf-8")))
def test_a_token_is_good_for_its_purpose_and_subject_only(subject: str, other: str) -> None:
    subject, other = subject.encode("utf-8", "ignore").decode(), other + "x"
    token = SIGNER.token("ticket", subject)

    assert SIGNER.verify_token("ticket", subject, token)
    assert not SIGNER.verify_token("display", subject, token)
    assert not SIGNER.verify_token("ticket", subject + other, token)


def test_a_token_has_128_bits_in_an_address_s_letters() -> None:
    token = SIGNER.token("ticket", "a")

    assert len(token) == 22
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("forged", ["", "a", "ä", "\ud800", "x" * 22, "x" * 10_000])
def test_what_is_no_token_of_ours_is_refused(forged: str) -> None:
    assert not SIGNER.verify_token("ticket", "a", forged)


def test_what_an_older_key_signed_stays_good() -> None:
    both = Signer([NEW, OLD])

    assert both.verify_token("ticket", "a", SIGNER.token("ticket", "a"))
    assert both.verify_mac("code", b"data", SIGNER.mac("code", b"data", 5), 5)
    assert both.open(SIGNER.seal("13900000000")) == "13900000000"


def test_the_first_key_signs() -> None:
    assert Signer([NEW, OLD]).token("ticket", "a") == Signer([NEW]).token("ticket", "a")


def test_a_key_taken_away_is_good_for_nothing() -> None:
    alone = Signer([NEW])

    assert not alone.verify_token("ticket", "a", SIGNER.token("ticket", "a"))
    with pytest.raises(SealError):
        alone.open(SIGNER.seal("13900000000"))


def test_a_shortened_mac_is_refused() -> None:
    mac = SIGNER.mac("code", b"data", 5)

    assert not SIGNER.verify_mac("code", b"data", mac[:4], 5)
    assert not SIGNER.verify_mac("code", b"data", b"", 5)


def test_the_same_phone_number_has_the_same_hash_and_no_other_has() -> None:
    assert SIGNER.phone_hash("+8613900000000") == SIGNER.phone_hash("+8613900000000")
    assert SIGNER.phone_hash("+8613900000000") != SIGNER.phone_hash("+8613900000001")


def test_a_seal_shows_nothing_and_is_never_the_same() -> None:
    assert "139" not in SIGNER.seal("13900000000")
    assert SIGNER.seal("13900000000") != SIGNER.seal("13900000000")


def test_a_digest_is_22_letters() -> None:
    assert len(digest(b"{}")) == 22

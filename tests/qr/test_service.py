import asyncio
import re
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from tortoise.exceptions import OperationalError

from o2o.kernel.database import connection, transaction
from o2o.kernel.signing import Signer, base64url
from qr.errors import CodeNotFoundError
from qr.models import CodeRecord
from qr.schemas import NewCode
from qr.service import (
    HALL,
    PAIRING,
    PURPOSE,
    TICKET,
    code_for_counter,
    code_for_hall,
    codes_of_kind,
    is_passing,
    replace,
    resolve,
    revoke,
    signed_code,
    signed_subject,
)
from tests.qr.printing import printed
from tests.serving import START

SIGNER = Signer(["the key of the tests, of no worth elsewhere"])
SUBJECT = "3_J63cgOhHcLg7KqVouriw"
pytestmark = pytest.mark.usefixtures("service")


async def test_a_code_is_32_characters_that_fit_wechats_scene() -> None:
    code = await code_for_hall(SIGNER, "heping", now=START)

    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", code.text)


async def test_a_code_tells_nothing_of_its_hall() -> None:
    code = await code_for_hall(SIGNER, "heping", now=START)

    assert "heping" not in code.text
    assert b"heping" not in urlsafe_b64decode(code.text)


async def test_a_code_resolves_to_what_it_was_made_with() -> None:
    shelf = NewCode(kind="shelf", hall="heping", place="shelf-3", sku="phone-9", campaign="spring", issued_by="manager")

    made = await printed(SIGNER, shelf, now=START)

    assert await resolve(SIGNER, made.text, now=START) == made
    assert (made.kind, made.hall, made.place, made.sku) == ("shelf", "heping", "shelf-3", "phone-9")


async def test_a_hall_has_one_code_however_often_and_at_once_it_is_asked_for() -> None:
    codes = await asyncio.gather(*(code_for_hall(SIGNER, "heping", now=START) for _ in range(8)))

    assert len({code.text for code in codes}) == 1
    assert await CodeRecord.all().count() == 1


async def test_two_halls_have_two_codes() -> None:
    heping = await code_for_hall(SIGNER, "heping", now=START)
    nankai = await code_for_hall(SIGNER, "nankai", now=START)

    assert heping.text != nankai.text


async def test_a_counter_that_moved_to_another_hall_has_a_code_of_that_hall() -> None:
    before = await code_for_counter(SIGNER, "heping", "counter-9", now=START)

    codes = await asyncio.gather(*(code_for_counter(SIGNER, "nankai", "counter-9", now=START) for _ in range(4)))

    assert {(code.hall, code.place) for code in codes} == {("nankai", "counter-9")}
    assert len({code.text for code in codes}) == 1
    assert await resolve(SIGNER, before.text, now=START) == before


async def test_a_revoked_code_leads_nowhere_and_the_hall_gets_another() -> None:
    old = await code_for_hall(SIGNER, "heping", now=START)

    await transaction(lambda client: revoke(client, SIGNER, old.text, actor="staff:manager", now=START))

    with pytest.raises(CodeNotFoundError):
        await resolve(SIGNER, old.text, now=START)
    new = await code_for_hall(SIGNER, "heping", now=START)
    assert new.text != old.text
    assert (await resolve(SIGNER, new.text, now=START)).kind == HALL


async def test_a_code_is_revoked_once() -> None:
    code = await code_for_hall(SIGNER, "heping", now=START)
    await transaction(lambda client: revoke(client, SIGNER, code.text, actor="staff:manager", now=START))

    with pytest.raises(CodeNotFoundError):
        await transaction(
            lambda client: revoke(client, SIGNER, code.text, actor="staff:manager", now=START + timedelta(hours=1))
        )


async def test_a_code_is_valid_from_its_first_moment_until_just_before_its_last() -> None:
    hour = timedelta(hours=1)
    given = NewCode(kind="shelf", hall="heping", valid_from=START, valid_to=START + hour)
    code = await printed(SIGNER, given, now=START)

    assert await resolve(SIGNER, code.text, now=START) == code
    assert await resolve(SIGNER, code.text, now=START + hour - timedelta(milliseconds=1)) == code
    for moment in (START - timedelta(milliseconds=1), START + hour):
        with pytest.raises(CodeNotFoundError):
            await resolve(SIGNER, code.text, now=moment)


async def test_a_printed_code_outlives_a_change_of_keys() -> None:
    old_keys = Signer(["the first key"])
    both_keys = Signer(["the second key", "the first key"])
    printed = await code_for_hall(old_keys, "heping", now=START)

    reprinted = await code_for_hall(both_keys, "heping", now=START)

    assert reprinted.text != printed.text
    assert (await resolve(both_keys, printed.text, now=START)).hall == "heping"
    assert (await resolve(both_keys, reprinted.text, now=START)).hall == "heping"


async def test_a_code_of_a_key_that_was_thrown_away_leads_nowhere() -> None:
    printed = await code_for_hall(Signer(["the first key"]), "heping", now=START)

    with pytest.raises(CodeNotFoundError):
        await resolve(Signer(["another key"]), printed.text, now=START)


@pytest.mark.parametrize("text", ["", "x", "A" * 32, "A" * 31, "A" * 33, "ü" * 32, "A" * 31 + "\n", "A" * 31 + "="])
async def test_what_we_did_not_sign_leads_nowhere(text: str) -> None:
    with pytest.raises(CodeNotFoundError):
        await resolve(SIGNER, text, now=START)


async def test_a_forged_code_costs_no_query() -> None:
    signed = await code_for_hall(SIGNER, "heping", now=START)
    await connection().execute_script("DROP TABLE codes")

    with pytest.raises(CodeNotFoundError):
        await resolve(SIGNER, "A" * 32, now=START)
    with pytest.raises(OperationalError, match=r"no such table|does not exist"):
        await resolve(SIGNER, signed.text, now=START)


async def test_a_code_with_one_character_changed_leads_nowhere() -> None:
    code = await code_for_hall(SIGNER, "heping", now=START)
    for place in range(32):
        other = "A" if code.text[place] != "A" else "B"
        with pytest.raises(CodeNotFoundError):
            await resolve(SIGNER, code.text[:place] + other + code.text[place + 1 :], now=START)


async def test_a_signed_code_that_we_do_not_know_leads_nowhere() -> None:
    unknown = bytes(16)

    with pytest.raises(CodeNotFoundError):
        await resolve(SIGNER, base64url(unknown + SIGNER.mac(PURPOSE, unknown, 8)), now=START)


async def test_what_was_signed_for_another_purpose_leads_nowhere() -> None:
    code = await code_for_hall(SIGNER, "heping", now=START)
    data = urlsafe_b64decode(code.text)[:16]

    with pytest.raises(CodeNotFoundError):
        await resolve(SIGNER, base64url(data + SIGNER.mac("ticket", data, 8)), now=START)


async def test_a_replaced_code_is_followed_by_the_one_that_stands_for_the_same() -> None:
    old = await code_for_counter(SIGNER, "heping", "heping-3", now=START)

    new = await transaction(lambda client: replace(client, SIGNER, old.text, actor="staff:manager", now=START))

    assert (new.kind, new.hall, new.place) == ("counter", "heping", "heping-3")
    assert await code_for_counter(SIGNER, "heping", "heping-3", now=START) == new
    assert await codes_of_kind(SIGNER, "heping", "counter") == [new]
    with pytest.raises(CodeNotFoundError):
        await resolve(SIGNER, old.text, now=START)


async def test_of_two_who_replace_a_code_one_does() -> None:
    old = await code_for_hall(SIGNER, "heping", now=START)

    tries = [
        transaction(lambda client: replace(client, SIGNER, old.text, actor="staff:manager", now=START))
        for _person in range(2)
    ]
    done = await asyncio.gather(*tries, return_exceptions=True)

    assert [isinstance(one, CodeNotFoundError) for one in done].count(True) == 1
    assert await CodeRecord.all().count() == 2


@pytest.mark.parametrize("kind", [TICKET, PAIRING])
async def test_a_code_without_a_row_holds_its_subject_for_its_kind_alone(kind: str) -> None:
    code = signed_code(SIGNER, kind, SUBJECT)

    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", code)
    assert {one: signed_subject(SIGNER, one, code) for one in (TICKET, PAIRING)} == {TICKET: None, PAIRING: None} | {
        kind: SUBJECT
    }
    with pytest.raises(CodeNotFoundError):
        await resolve(SIGNER, code, now=START)


async def test_a_printed_code_is_none_of_those_without_a_row() -> None:
    printed = await code_for_hall(SIGNER, "heping", now=START)

    assert not is_passing(SIGNER, printed.text)
    assert is_passing(SIGNER, signed_code(SIGNER, TICKET, SUBJECT))


def test_only_an_id_of_128_bits_fits_a_code() -> None:
    with pytest.raises(ValueError, match="128 bits"):
        signed_code(SIGNER, TICKET, "abcd")

"""Pairing, below HTTP."""

import asyncio
from datetime import datetime, timedelta

import pytest

from o2o.kernel.database import transaction
from o2o.kernel.models import Deed
from o2o.kernel.signing import Signer
from tests.serving import START, Service
from websocket import pairing
from websocket.models import Device
from websocket.pairing_errors import CodeUnknownError, DeviceUnknownError, NotPairedError
from websocket.pairing_schemas import DisplayAnswer, Naming, NewDevice, Pairing, WaitingDevice

BY = "staff:manager"


async def pair(code: str, hall: str, now: datetime) -> DisplayAnswer:
    return await transaction(lambda client: pairing.pair(client, Pairing(code), hall, BY, now))


async def rename(device: WaitingDevice, name: str | None) -> None:
    await transaction(lambda client: pairing.rename(client, device.id, Naming(name), BY, START))


async def revoke(device: WaitingDevice) -> None:
    await transaction(lambda client: pairing.revoke(client, device.id, BY, START))


async def _made() -> WaitingDevice:
    return await pairing.make_device(NewDevice(), START)


async def test_a_code_is_short_and_has_no_letter_that_looks_like_another(service: Service) -> None:
    codes = {(await _made()).code for _ in range(20)}

    assert len(codes) == 20
    assert all(len(code) == 6 for code in codes)
    assert not set("".join(codes)) & set("O0oI1iLl")


@pytest.mark.parametrize("typed", ["abc234", "ABC 234", "abc-234", " abc\u3000234 "])
def test_a_code_may_be_typed_as_people_do(typed: str) -> None:
    assert pairing.normalise(typed) == "ABC234"


@pytest.mark.parametrize("typed", ["", "ABC23", "ABC2345", "ABC23O", "ABC23ß", "ABC23\x00"])
def test_what_can_not_be_a_code_is_none(typed: str) -> None:
    assert pairing.normalise(typed) == ""


async def test_the_secret_becomes_a_token_once_the_code_was_entered(service: Service) -> None:
    signer, device = service.state["signer"], await _made()
    secret = pairing.secret_of(signer, device.id)
    with pytest.raises(NotPairedError):
        await pairing.exchange(signer, secret, START)

    await pair(device.code, "heping", START)

    token = await pairing.exchange(signer, secret, START)
    assert token.hall == "heping"
    assert token.token != secret


async def test_of_two_who_enter_one_code_one_wins(service: Service) -> None:
    device = await _made()

    tries = [pair(device.code, hall, START) for hall in ("heping", "nankai")]
    results = await asyncio.gather(*tries, return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["CodeUnknownError", "DisplayAnswer"]


async def test_a_code_is_good_for_a_quarter_of_an_hour(service: Service) -> None:
    signer, device = service.state["signer"], await _made()

    with pytest.raises(CodeUnknownError):
        await pair(device.code, "heping", START + pairing.CODE_LIFE)
    with pytest.raises(DeviceUnknownError):
        await pairing.exchange(signer, pairing.secret_of(signer, device.id), START + pairing.CODE_LIFE)


async def test_expired_devices_are_swept_and_paired_ones_kept(service: Service) -> None:
    paired, _expired = await _made(), await _made()
    await pair(paired.code, "heping", START)

    fresh = await pairing.make_device(NewDevice(), START + pairing.CODE_LIFE)

    assert {device.id for device in await Device.all()} == {paired.id, fresh.id}


async def test_a_forged_secret_is_unknown(service: Service) -> None:
    device, forger = await _made(), Signer(["another key that is long enough, but not ours"])

    with pytest.raises(DeviceUnknownError):
        await pairing.exchange(service.state["signer"], pairing.secret_of(forger, device.id), START)


async def test_a_revoked_device_is_not_seen_any_more(service: Service) -> None:
    kept, revoked = await _made(), await _made()
    for device in (kept, revoked):
        await pair(device.code, "heping", START)

    await revoke(revoked)

    assert await pairing.seen([kept.id, revoked.id, "unknown"], START) == {kept.id}
    assert [display.id for display in await pairing.displays_of("heping", START)] == [kept.id]
    assert (await pairing.displays_of("heping", START))[0].last_seen_at == START


async def test_a_screen_is_alive_while_it_was_seen_lately(service: Service) -> None:
    device = await _made()
    await pair(device.code, "heping", START)

    async def alive(now: datetime) -> bool:
        return (await pairing.displays_of("heping", now))[0].alive

    assert not await alive(START)
    await pairing.seen([device.id], START)
    assert await alive(START + timedelta(seconds=59))
    assert not await alive(START + pairing.ALIVE)


async def test_who_did_what_to_a_screen_is_in_the_audit(service: Service) -> None:
    device = await _made()
    await pair(device.code, "heping", START)
    for name in ("Left of the door", "Left of the door", None):
        await rename(device, name)
    for _time in range(2):
        await revoke(device)

    deeds = await Deed.filter(tag="hall:heping", subject=device.id).order_by("id")

    assert [(deed.name, deed.actor, deed.subject) for deed in deeds] == [
        (name, BY, device.id) for name in ("screen.paired", "screen.renamed", "screen.renamed", "screen.revoked")
    ]
    assert deeds[1].after == '{"name":"Left of the door"}'


async def test_only_a_screen_of_a_hall_has_a_name(service: Service) -> None:
    waiting, revoked = await _made(), await _made()
    await pair(revoked.code, "heping", START)
    await revoke(revoked)

    for device in (waiting, revoked):
        with pytest.raises(DeviceUnknownError):
            await rename(device, "x")

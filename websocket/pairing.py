"""Pairing: a screen shows a code, a manager enters it, and the screen may watch that hall until it is revoked.

Secrets and tokens are derived from the device's id, so no table and no stored answer holds one.
"""

import logging
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.responses import Response
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from o2o.kernel.audit import Difference, Done, changed, hall_tag, note
from o2o.kernel.believed import Believed
from o2o.kernel.clock import from_ms, to_ms
from o2o.kernel.signing import Signer
from o2o.kernel.state import KernelState, is_https
from websocket.models import Device
from websocket.pairing_errors import CodeUnknownError, DeviceUnknownError, NotPairedError
from websocket.pairing_schemas import (
    DeviceKind,
    DeviceToken,
    DisplayAnswer,
    Naming,
    NewDevice,
    Pairing,
    Screen,
    WaitingDevice,
)

# Without O and 0, I, 1 and L: a code is read from a screen across the room.
ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH: Final = 6
CODE_LIFE: Final = timedelta(minutes=15)
COOKIE: Final = "display"
COOKIE_S: Final = 400 * 24 * 3600  # As long as browsers keep one: a screen is on the wall for years.
SEEN: Final = timedelta(seconds=30)  # last_seen_at is this exact, whoever asks how often.
ALIVE: Final = timedelta(seconds=60)  # Whoever was seen so lately is on: two rounds may be late.
SECRET: Final = "device-secret"  # noqa: S105 - the purpose of a subkey, no secret
TOKEN: Final = "device-token"  # noqa: S105 - as above

log = logging.getLogger(__name__)


async def make_device(wish: NewDevice, now: datetime) -> WaitingDevice:
    """A new unpaired device. Its code is unique among the unpaired and good for 15 minutes."""
    moment = to_ms(now)
    await Device.filter(paired_at=None, code_expires_at__lte=moment).delete()
    device = await Device.create(
        id=secrets.token_urlsafe(16),
        kind=wish.kind.value,
        code=await _free_code(),
        created_at=moment,
        code_expires_at=to_ms(now + CODE_LIFE),
    )
    return _waiting(device)


def secret_of(signer: Signer, device_id: str) -> str:
    """What the device keeps, and shows to have its token."""
    return _shown(signer, SECRET, device_id)


async def pair(client: BaseDBAsyncClient, wish: Pairing, hall: str, actor: str, now: datetime) -> DisplayAnswer:
    """Give the device that shows the code to `hall`; of two who enter one code, one wins. Raises CodeUnknownError."""
    moment, wanted = to_ms(now), normalise(wish.code)
    device = await Device.get_or_none(code=wanted, code_expires_at__gt=moment) if wanted else None
    if device is None:
        raise CodeUnknownError
    free = Device.filter(id=device.id, code=wanted).using_db(client)
    if not await free.update(code=None, hall=hall, name=wish.name, paired_by=actor, paired_at=moment):
        raise CodeUnknownError
    await note(client, Done("screen.paired", actor, moment, device.id), [hall_tag(hall)], _named(None, wish.name))
    log.info("device_paired", extra={"device": device.id, "hall": hall, "actor": actor})
    return _answer(await Device.get(id=device.id, using_db=client), now)


async def exchange(signer: Signer, secret: str, now: datetime) -> DeviceToken:
    """The token that a secret becomes once its device is paired. Raises NotPairedError, DeviceUnknownError."""
    device = await _by(signer, SECRET, secret)
    if device is None:
        raise DeviceUnknownError
    if device.hall is None:
        raise NotPairedError if to_ms(now) < device.code_expires_at else DeviceUnknownError
    return DeviceToken(_shown(signer, TOKEN, device.id), device.hall)


async def rename(client: BaseDBAsyncClient, device_id: str, wish: Naming, actor: str, now: datetime) -> DisplayAnswer:
    """Name the device, which is paired and was not revoked. Raises DeviceUnknownError."""
    device = await Device.get_or_none(id=device_id, hall__not_isnull=True, revoked_at=None, using_db=client)
    if device is None:
        raise DeviceUnknownError
    before, device.name = device.name, wish.name
    if before != wish.name:
        await device.save(using_db=client, update_fields=["name"])
        done = Done("screen.renamed", actor, to_ms(now), device_id)
        await note(client, done, [hall_tag(device.hall or "")], _named(before, wish.name))
    return _answer(device, now)


async def revoke(client: BaseDBAsyncClient, device_id: str, actor: str, now: datetime) -> None:
    """The device may watch no more. Revoking twice is harmless. Once that is committed: `doubt`."""
    live = Device.filter(id=device_id, revoked_at=None).using_db(client)
    if await live.update(revoked_at=to_ms(now)):
        device = await Device.get(id=device_id, using_db=client)
        done = Done("screen.revoked", actor, to_ms(now), device_id)
        await note(client, done, [hall_tag(device.hall or "")], _named(device.name, None))
        log.info("device_revoked", extra={"device": device_id, "actor": actor})


def doubt(device_id: str) -> None:
    """Believe nothing more of the device: it was revoked."""
    _believed.doubt(device_id)


async def hall_of(device_id: str) -> str:
    """The hall of a paired device, revoked or not. Raises DeviceUnknownError."""
    device = await Device.get_or_none(id=device_id)
    if device is None or device.hall is None:
        raise DeviceUnknownError
    return device.hall


async def displays_of(hall: str, now: datetime) -> list[DisplayAnswer]:
    """The hall's paired devices, oldest pairing first."""
    devices = await Device.filter(hall=hall, revoked_at=None).order_by("paired_at", "id")
    return [_answer(device, now) for device in devices]


async def device_of(connection: HTTPConnection[Any]) -> Screen | None:
    """The paired device that a request or socket is from: by Bearer token, else by the cookie with its secret."""
    device_id = _shown_by(connection)
    return await _believed.get(device_id) if device_id else None


async def taken_off(connection: HTTPConnection[Any]) -> str | None:
    """The hall that the device was taken off, if it was: the screen has to say so."""
    device_id = _shown_by(connection)
    device = await Device.get_or_none(id=device_id, revoked_at__not_isnull=True) if device_id else None
    return device.hall if device else None


async def waiting_of(connection: HTTPConnection[Any]) -> WaitingDevice | None:
    """The browser's own device that waits to be paired, while its code is good."""
    device_id = _shown_by(connection)
    device = await Device.get_or_none(id=device_id, revoked_at=None) if device_id else None
    if device is None or device.hall is not None or to_ms(_state(connection)["clock"]()) >= device.code_expires_at:
        return None
    return _waiting(device)


async def still_waiting(device_id: str, now: datetime) -> WaitingDevice | None:
    """The device while it shows a code that is good."""
    device = await Device.get_or_none(id=device_id, hall=None, code_expires_at__gt=to_ms(now))
    return _waiting(device) if device else None


async def seen(device_ids: Collection[str], now: datetime) -> set[str]:
    """Note that these devices are connected now; returns those of them that may still be."""
    alive = Device.filter(id__in=list(device_ids), revoked_at=None, hall__not_isnull=True)
    stale = Q(last_seen_at=None) | Q(last_seen_at__lte=to_ms(now - SEEN))
    await alive.filter(stale).update(last_seen_at=to_ms(now))
    return {str(device_id) for device_id in await alive.values_list("id", flat=True)}


def cookie_secret(connection: HTTPConnection[Any]) -> str:
    """The secret that the browser keeps for its device, or nothing."""
    return connection.cookies.get(_cookie_name(connection), "")


def set_cookie(connection: HTTPConnection[Any], response: Response, secret: str) -> None:
    """Let the browser keep its device's secret where scripts can't read it."""
    https = is_https(connection)
    name = _cookie_name(connection)
    response.set_cookie(name, secret, max_age=COOKIE_S, path="/", secure=https, httponly=True, samesite="lax")


def normalise(code: str) -> str:
    """The code as it is stored, or nothing when it can't be one."""
    text = "".join(code.split()).replace("-", "").upper()
    return text if len(text) == CODE_LENGTH and set(text) <= set(ALPHABET) else ""


async def _free_code() -> str:
    """Codes are drawn until one is free; of 887 million a second draw is rare."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))
        if not await Device.exists(code=code):
            return code


def _shown_by(connection: HTTPConnection[Any]) -> str | None:
    """The id of the device whose token, or secret in a cookie, is shown."""
    signer = _state(connection)["signer"]
    if authorization := connection.headers.get("authorization"):
        scheme, _space, token = authorization.partition(" ")
        return _proven(signer, TOKEN, token.strip()) if scheme.lower() == "bearer" else None
    return _proven(signer, SECRET, cookie_secret(connection))


async def _paired(device_id: str) -> Screen | None:
    device = await Device.get_or_none(id=device_id, revoked_at=None, hall__not_isnull=True)
    return Screen(device.id, DeviceKind(device.kind), device.hall or "") if device else None


_believed: Final = Believed(_paired)
"""A crowd of screens comes back at once; a screen that was revoked is sent away by `websocket.rights` all the same."""


async def _by(signer: Signer, purpose: str, shown: str) -> Device | None:
    """The device that this secret or token is of, unless it is forged or the device revoked."""
    device_id = _proven(signer, purpose, shown)
    return await Device.get_or_none(id=device_id, revoked_at=None) if device_id else None


def _proven(signer: Signer, purpose: str, shown: str) -> str | None:
    """The id of the device in a secret or token that is ours."""
    device_id, _dot, proof = shown.partition(".")
    return device_id if proof and signer.verify_token(purpose, device_id, proof) else None


def _named(before: str | None, after: str | None) -> Difference:
    return changed({"name": before}, {"name": after})


def _shown(signer: Signer, purpose: str, device_id: str) -> str:
    return f"{device_id}.{signer.token(purpose, device_id)}"


def _waiting(device: Device) -> WaitingDevice:
    return WaitingDevice(device.id, device.code or "", from_ms(device.code_expires_at))


def _answer(device: Device, now: datetime) -> DisplayAnswer:
    seen_at = None if device.last_seen_at is None else from_ms(device.last_seen_at)
    return DisplayAnswer(
        id=device.id,
        kind=DeviceKind(device.kind),
        hall=device.hall or "",
        name=device.name,
        paired_by=device.paired_by or "",
        paired_at=from_ms(device.paired_at or 0),
        last_seen_at=seen_at,
        alive=seen_at is not None and now - seen_at < ALIVE,
    )


def _cookie_name(connection: HTTPConnection[Any]) -> str:
    return f"__Host-{COOKIE}" if is_https(connection) else COOKIE


def _state(connection: HTTPConnection[Any]) -> KernelState:
    state: KernelState = connection.state
    return state

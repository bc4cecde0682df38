"""Making, resolving and revoking codes.

A code's text is 128 random bits and a MAC of 64, together 32 characters of base64url: it fits WeChat's `scene`, tells
nothing, and a guess is refused without a query. It is public wherever it is printed, so it grants nothing.
"""

import re
import secrets
from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Final

from tortoise.exceptions import IntegrityError

from o2o.kernel.clock import to_ms
from o2o.kernel.database import transaction
from o2o.kernel.signing import Signer, base64url
from qr.errors import CodeNotFoundError
from qr.models import CodeRecord
from qr.schemas import Code, NewCode

HALL: Final = "hall"
ID_BYTES: Final = 16
MAC_BYTES: Final = 8
PURPOSE: Final = "printed code"
# 24 bytes fill 32 characters to the last bit: no second text means the same code.
TEXT: Final = re.compile(r"[A-Za-z0-9_-]{32}")


async def make_code(signer: Signer, given: NewCode, *, now: datetime) -> Code:
    return await _insert(signer, given, now)


async def code_for_hall(signer: Signer, hall: str, *, now: datetime) -> Code:
    """The code on the hall's door: made when first asked for, and again after it was revoked."""
    stands_for = f"{HALL}:{hall}"
    record = await CodeRecord.get_or_none(stands_for=stands_for)
    if record is not None:
        return _code(signer, record)
    try:
        return await _insert(signer, NewCode(kind=HALL, hall=hall), now, stands_for)
    except IntegrityError:  # Somebody else asked first.
        return _code(signer, await CodeRecord.get(stands_for=stands_for))


async def resolve(signer: Signer, text: str, *, now: datetime) -> Code:
    """What a printed text is. Raises CodeNotFoundError, the same for every reason; a forgery costs no query."""
    return _code(signer, await _valid(signer, text, now))


async def revoke(signer: Signer, text: str, *, now: datetime) -> Code:
    """End the code for good; answers with what it was. Raises CodeNotFoundError, also when it had ended before."""
    record = await _valid(signer, text, now)
    live = CodeRecord.filter(id=record.id, revoked_at__isnull=True)
    changed = await transaction(
        lambda client: live.using_db(client).update(revoked_at=to_ms(now), stands_for=None),
    )
    if not changed:
        raise CodeNotFoundError
    return _code(signer, record)


async def _insert(signer: Signer, given: NewCode, now: datetime, stands_for: str | None = None) -> Code:
    record = CodeRecord(
        id=base64url(secrets.token_bytes(ID_BYTES)),
        kind=given.kind,
        hall=given.hall,
        place=given.place,
        sku=given.sku,
        issued_by=given.issued_by,
        campaign=given.campaign,
        stands_for=stands_for,
        valid_from=given.valid_from and to_ms(given.valid_from),
        valid_to=given.valid_to and to_ms(given.valid_to),
        created_at=to_ms(now),
    )
    await transaction(lambda client: record.save(using_db=client, force_create=True))
    return _code(signer, record)


async def _valid(signer: Signer, text: str, now: datetime) -> CodeRecord:
    if not TEXT.fullmatch(text):
        raise CodeNotFoundError
    data = urlsafe_b64decode(text)
    if not signer.verify_mac(PURPOSE, data[:ID_BYTES], data[ID_BYTES:], MAC_BYTES):
        raise CodeNotFoundError
    record = await CodeRecord.get_or_none(id=base64url(data[:ID_BYTES]))
    if record is None or not record.is_valid(to_ms(now)):
        raise CodeNotFoundError
    return record


def _code(signer: Signer, record: CodeRecord) -> Code:
    data = urlsafe_b64decode(f"{record.id}==")
    text = base64url(data + signer.mac(PURPOSE, data, MAC_BYTES))
    return Code(text=text, kind=record.kind, hall=record.hall, place=record.place, sku=record.sku)

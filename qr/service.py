"""Making, resolving and revoking codes.

A code's text is 128 bits and a MAC of 64, together 32 characters of base64url: it fits WeChat's `scene`, tells nothing,
and a guess is refused without a query. It is public wherever it is printed or shown, so it grants nothing.

A printed code is random bits and a row that says what it stands for. A code of one thing that comes and goes (a ticket,
a screen that waits to be paired) needs no row: it is that thing's own id, signed for its kind alone.
"""

import re
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from o2o.kernel.audit import Difference, Done, changed, hall_tag, note
from o2o.kernel.clock import from_ms, to_ms
from o2o.kernel.database import transaction
from o2o.kernel.signing import Signer, base64url
from qr.errors import CodeNotFoundError
from qr.models import CodeRecord
from qr.schemas import Code, NewCode

HALL: Final = "hall"
COUNTER: Final = "counter"
SHELF: Final = "shelf"
TICKET: Final = "ticket"
PAIRING: Final = "pairing"
ID_BYTES: Final = 16
MAC_BYTES: Final = 8
PURPOSE: Final = "printed code"
# 24 bytes fill 32 characters to the last bit: no second text means the same code.
TEXT: Final = re.compile(r"[A-Za-z0-9_-]{32}")


class Spot(NamedTuple):
    """Where a code hangs in its hall, and which product it is for."""

    place: str | None
    sku: str | None


async def make_codes(
    client: BaseDBAsyncClient, signer: Signer, given: Sequence[NewCode], *, actor: str, now: datetime
) -> list[Code]:
    """Many at once, for a sheet to print, in the transaction of `client`."""
    records = [_new(one, now) for one in given]
    await CodeRecord.bulk_create(records, using_db=client)
    for hall, kind in sorted({(one.hall, one.kind) for one in given}):
        count = sum((one.hall, one.kind) == (hall, kind) for one in given)
        await note(
            client, Done("code.made", actor, to_ms(now), kind), [hall_tag(hall)], Difference(None, {"count": count})
        )
    return [_code(signer, record) for record in records]


async def move(client: BaseDBAsyncClient, signer: Signer, text: str, to: Spot, done: Done) -> Code:
    """Let the printed code stand at another place, or for another product, from now on; `done` says by whom and when.

    Raises CodeNotFoundError.
    """
    record = await _valid(signer, text, from_ms(done.at))
    before = Spot(record.place, record.sku)
    record.place, record.sku = to
    live = CodeRecord.filter(id=record.id, revoked_at__isnull=True).using_db(client)
    if not await live.update(place=to.place, sku=to.sku):
        raise CodeNotFoundError
    if before != to:
        done = done._replace(name="code.moved", subject=_subject(record))
        await note(client, done, [hall_tag(record.hall)], changed(before._asdict(), to._asdict()))
    return _code(signer, record)


async def codes_of_kind(signer: Signer, hall: str, kind: str) -> list[Code]:
    """The hall's codes of a kind that are good, in the order in which they were made."""
    records = CodeRecord.filter(hall=hall, kind=kind, revoked_at__isnull=True).order_by("created_at", "id")
    return [_code(signer, record) for record in await records]


async def code_for_hall(signer: Signer, hall: str, *, now: datetime) -> Code:
    """The code on the hall's door: made when first asked for, and again after it was revoked."""
    return await _the_one(signer, NewCode(kind=HALL, hall=hall), f"{HALL}:{hall}", now)


async def code_for_counter(signer: Signer, hall: str, counter: str, *, now: datetime) -> Code:
    """The code that stands at one of the hall's counters, made when first asked for there."""
    return await _the_one(signer, NewCode(kind=COUNTER, hall=hall, place=counter), f"{COUNTER}:{counter}", now)


async def resolve(signer: Signer, text: str, *, now: datetime) -> Code:
    """What a printed text is. Raises CodeNotFoundError, the same for every reason; a forgery costs no query."""
    return _code(signer, await _valid(signer, text, now))


async def find(signer: Signer, text: str) -> Code:
    """What a printed text is or was, also when it has ended. Raises CodeNotFoundError."""
    return _code(signer, await _known(signer, text))


async def revoke(client: BaseDBAsyncClient, signer: Signer, text: str, *, actor: str, now: datetime) -> None:
    """End the code for good, in the transaction of `client`. Raises CodeNotFoundError, also when it had ended."""
    record = await _valid(signer, text, now)
    await _end(client, record, Done("code.revoked", actor, to_ms(now), _subject(record)))


async def replace(client: BaseDBAsyncClient, signer: Signer, text: str, *, actor: str, now: datetime) -> Code:
    """End the code, and make another that stands for the same. Raises CodeNotFoundError."""
    record = await _valid(signer, text, now)
    await _end(client, record, Done("code.replaced", actor, to_ms(now), _subject(record)))
    given = NewCode(
        kind=record.kind,
        hall=record.hall,
        place=record.place,
        sku=record.sku,
        issued_by=record.issued_by,
        campaign=record.campaign,
    )
    successor = _new(given, now, record.stands_for)
    await successor.save(using_db=client, force_create=True)
    return _code(signer, successor)


def signed_code(signer: Signer, kind: str, subject: str) -> str:
    """The text of a code without a row, of an id of 128 bits in base64url. The same for the same id."""
    data = urlsafe_b64decode(f"{subject}==")
    if len(data) != ID_BYTES:
        raise ValueError("a code is of an id of 128 bits")
    return base64url(data + signer.mac(_purpose(kind), data, MAC_BYTES))


def signed_subject(signer: Signer, kind: str, text: str) -> str | None:
    """The id that `signed_code` was given, unless the text is not ours or of another kind."""
    data = _verified(signer, _purpose(kind), text)
    return base64url(data) if data else None


def is_passing(signer: Signer, text: str) -> bool:
    """Whether the text is a code without a row, of a thing that may be gone."""
    return any(signed_subject(signer, kind, text) for kind in (TICKET, PAIRING))


async def _the_one(signer: Signer, given: NewCode, stands_for: str, now: datetime) -> Code:
    record = await CodeRecord.get_or_none(stands_for=stands_for)
    if record is not None and record.hall == given.hall:
        return _code(signer, record)
    made = _new(given, now, stands_for)

    async def work(client: BaseDBAsyncClient) -> None:
        # A counter's code in the hall where it was before stays one of that hall.
        await CodeRecord.filter(stands_for=stands_for).exclude(hall=given.hall).using_db(client).update(stands_for=None)
        await made.save(using_db=client, force_create=True)

    try:
        await transaction(work)
    except IntegrityError:  # Somebody else asked first.
        return _code(signer, await CodeRecord.get(stands_for=stands_for))
    return _code(signer, made)


def _new(given: NewCode, now: datetime, stands_for: str | None = None) -> CodeRecord:
    return CodeRecord(
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


async def _end(client: BaseDBAsyncClient, record: CodeRecord, done: Done) -> None:
    live = CodeRecord.filter(id=record.id, revoked_at__isnull=True).using_db(client)
    if not await live.update(revoked_at=done.at, stands_for=None):
        raise CodeNotFoundError
    await note(client, done, [hall_tag(record.hall)])


def _subject(record: CodeRecord) -> str:
    """As the audit names it: by its place, since a code's own text tells nobody which one it was."""
    return f"{record.kind}:{record.place or record.hall}"


async def _valid(signer: Signer, text: str, now: datetime) -> CodeRecord:
    record = await _known(signer, text)
    if not record.is_valid(to_ms(now)):
        raise CodeNotFoundError
    return record


async def _known(signer: Signer, text: str) -> CodeRecord:
    data = _verified(signer, PURPOSE, text)
    record = await CodeRecord.get_or_none(id=base64url(data)) if data else None
    if record is None:
        raise CodeNotFoundError
    return record


def _verified(signer: Signer, purpose: str, text: str) -> bytes | None:
    """The id in the text, if its MAC was made for this purpose."""
    if not TEXT.fullmatch(text):
        return None
    data = urlsafe_b64decode(text)
    sound = signer.verify_mac(purpose, data[:ID_BYTES], data[ID_BYTES:], MAC_BYTES)
    return data[:ID_BYTES] if sound else None


def _purpose(kind: str) -> str:
    return f"{kind} code"


def _code(signer: Signer, record: CodeRecord) -> Code:
    return Code(
        id=record.id,
        text=_text(signer, record.id),
        kind=record.kind,
        hall=record.hall,
        place=record.place,
        sku=record.sku,
        issued_by=record.issued_by,
        campaign=record.campaign,
        made_at=from_ms(record.created_at),
    )


def _text(signer: Signer, record_id: str) -> str:
    data = urlsafe_b64decode(f"{record_id}==")
    return base64url(data + signer.mac(PURPOSE, data, MAC_BYTES))

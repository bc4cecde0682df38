"""What managers are told of their hall's codes."""

from datetime import date, datetime

import msgspec

from o2o.kernel.paging import USUAL, Cursor, Limit
from qr.states import Agent, Source


class HallCode(msgspec.Struct, frozen=True):
    """A code of the hall; `address` is what its picture says, without a source."""

    code: str
    kind: str
    place: str | None
    sku: str | None
    address: str
    made_at: datetime


class HallCodeList(msgspec.Struct, frozen=True):
    codes: list[HallCode]
    next_cursor: str | None


class TicketCode(msgspec.Struct, frozen=True):
    """The code to show or print; `address` is what its picture says, `picture` where that is."""

    code: str
    address: str
    picture: str


class ScanQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """Days of the hall, both counted; without them the last 30."""

    first: date | None = None
    last: date | None = None
    limit: Limit = USUAL
    cursor: Cursor | None = None
    lang: str | None = None


class ScanRow(msgspec.Struct, frozen=True):
    """How often the codes of one kind and place were scanned on a day, from where and with what."""

    day: date
    kind: str
    place: str | None
    source: Source
    agent: Agent
    count: int


class ScanList(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """`total` is of all days asked for, whatever page of the list this is."""

    first: date
    last: date
    total: int
    scans: list[ScanRow]
    next_cursor: str | None

"""The frames of the live streams, to and from bytes. Each is encoded once, whoever gets it."""

import re
from datetime import tzinfo
from typing import Any, Final

import msgspec

from booking.picture import BoardCounter, BoardTicket, Change, Picture
from booking.schemas import PauseRow
from booking.summary import as_words
from o2o.kernel.clock import rfc3339

MAX_FRAME_BYTES: Final = 64 * 1024  # For the server's `ws_max_size`: no client has more than that to say.


class Resume(msgspec.Struct, frozen=True, tag_field="type", tag="resume"):
    """What a client knows already; without an epoch it knows nothing and asks for a snapshot."""

    epoch: str = ""
    version: int = 0


MESSAGES: Final = (Resume,)
"""Every kind of frame that a client may send."""


class BadFrameError(Exception):
    """The client sent what is no frame of ours at all."""


def read_frame(text: str | bytes | None) -> Resume | None:
    """Decode a client's frame; None for a kind that this version doesn't know. Raises BadFrameError."""
    if not isinstance(text, str):
        raise BadFrameError
    try:
        kind = _kind.decode(text).type
        return _resume.decode(text) if kind == "resume" else None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadFrameError from error


def said_in(query: bytes) -> Resume | None:
    """What a client says in its address that it has: `since=2.41`, or nothing: `since=`. None when it doesn't say."""
    since = _since.search(query)
    return since and Resume((since["epoch"] or b"").decode(), int(since["version"] or 0))


def snapshot(picture: Picture, state: Any) -> bytes:
    return _encode({"type": "snapshot", "epoch": str(picture.epoch), "version": picture.version, "state": state})


def heartbeat(picture: Picture) -> bytes:
    return _encode({"type": "heartbeat", "epoch": str(picture.epoch), "version": picture.version})


class EventFrame:
    """One event, encoded once; `with_members` appends what one kind of stream adds to the data."""

    __slots__ = ("_common", "change")

    def __init__(self, epoch: int, change: Change, zone: tzinfo) -> None:
        self.change = change
        frame: dict[str, Any] = {"type": "event", "epoch": str(epoch), "version": change.version}
        self._common = _encode(frame | {"name": change.name, "data": _data(change, zone)})[:-2]

    def with_members(self, **members: bytes) -> bytes:
        """Give the frame with these members, JSON already, at the end of its data."""
        added = b"".join(b',"%s":%s' % (name.encode(), value) for name, value in members.items())
        return self._common + added + b"}}"


def ticket_data(row: BoardTicket, zone: tzinfo) -> dict[str, Any]:
    """Show a ticket as the wire does: every member is there, so that a client may merge rows."""
    return {
        "id": row.id,
        "number": row.number,
        "service": row.service,
        "class": row.class_,
        "claimed_class": row.claimed,
        "for_counter": row.bound,
        "then": row.remaining.split(",") if row.remaining else [],
        "state": row.state,
        "turn": row.turn,
        "counter": row.counter,
        "calls": row.calls,
        "created_at": rfc3339(row.created_at, zone),
        "called_at": _moment(row.called_at, zone),
        "started_at": _moment(row.started_at, zone),
        "ended_at": _moment(row.ended_at, zone),
        "version": row.version,
    }


def counter_data(row: BoardCounter) -> dict[str, Any]:
    """Show a counter as everybody may see it: not who sits there."""
    return {"id": row.id, "open": row.open, "ticket": row.ticket}


def pause_data(row: PauseRow | None, zone: tzinfo) -> dict[str, Any] | None:
    """Show what the hall has stopped, with the words in both languages; None while nothing is."""
    paused = as_words(row)
    if paused is None or not (paused.issuing or paused.calling):
        return None
    return {
        "issuing": paused.issuing,
        "calling": paused.calling,
        "message": paused.message,
        "since": rfc3339(paused.since, zone),
    }


def _data(change: Change, zone: tzinfo) -> dict[str, Any]:
    """Show the subject's row, and when it changed."""
    if change.ticket:
        row = ticket_data(change.ticket, zone)
    elif change.counter:
        row = counter_data(change.counter)
    elif change.pause:
        row = {"pause": pause_data(change.pause, zone)}
    else:
        row = {}
    return {"at": rfc3339(change.at, zone), **row}


def _moment(ms: int | None, zone: tzinfo) -> str | None:
    return None if ms is None else rfc3339(ms, zone)


class _Kind(msgspec.Struct):
    type: str


_since = re.compile(rb"(?:^|&)since=(?:(?P<epoch>\d{1,19})\.(?P<version>\d{1,19}))?(?:&|$)")
_kind = msgspec.json.Decoder(_Kind)
_resume = msgspec.json.Decoder(Resume)
_encode = msgspec.json.Encoder().encode

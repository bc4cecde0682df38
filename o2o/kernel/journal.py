"""What passes between a script, the ledger and an answer."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One verb for one tag, as the script gets it.

    `op` is the operation id, `body` the digest of the request (another body under one id is a mistake of the client),
    `received` the moment the attempt arrived, in ms since 1970, and `args` what the verb needs.
    """

    op: str
    verb: str
    body: str
    actor: str
    received: int
    args: dict[str, Any]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"source": "from", "target": "to"}):
    """One change in a tag's journal.

    `rows` are the changed rows, whole, by table; `facts` is what only the answer needs.
    """

    op: str
    ordinal: int
    epoch: int
    version: int
    at: int
    name: str
    actor: str
    body: str
    reason: str | None = None
    subject: str | None = None
    counter: str | None = None
    source: str | None = None
    target: str | None = None
    rows: dict[str, dict[str, Any]] = {}
    facts: dict[str, Any] = {}


class Refusal(msgspec.Struct, frozen=True):
    """Why a script changed nothing: a stable code, and what the message needs."""

    code: str
    details: dict[str, Any] = {}


class Outcome(msgspec.Struct, frozen=True):
    """What became of one command: changed (no field set), known from before, refused, or broken off by an error."""

    known: bool = False
    refused: Refusal | None = None
    failed: str | None = None


class Decision(msgspec.Struct, frozen=True):
    """A script's answer to a batch: an outcome a command, and the entries that are not known as committed."""

    version: int
    server: str
    outcomes: list[Outcome]
    entries: list[tuple[Entry, bytes]]
    """Each entry with its JSON as the script wrote it, which is what SQL keeps."""


class Known(msgspec.Struct, frozen=True):
    """What a process knows of a tag: SQL has all up to `committed`, and it has itself what follows up to `seen`."""

    epoch: int
    committed: int
    seen: int


class Stale(msgspec.Struct, frozen=True):
    """The script found no epoch of the caller's on this server; `server` is the identity it saw."""

    server: str


def waits_since(found: Sequence[Any]) -> int | None:
    """When the oldest entry was decided (ms since 1970), by what `trips.first_of` found; None: the journal is empty."""
    if not found:
        return None
    _id, (_field, raw) = found[0]
    return _entry.decode(raw).at


_entry: Final = msgspec.json.Decoder(Entry)

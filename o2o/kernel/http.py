"""JSON in and out, forms, and the operation id that a write is known by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec.inspect import DateTimeType, type_info
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from o2o.kernel.errors import IdempotencyKeyRequiredError, InvalidError, TooLargeError
from o2o.kernel.i18n import LANG, _
from o2o.kernel.invalid import invalid
from o2o.kernel.signing import digest

T = TypeVar("T")

MAX_BODY: Final = 64 * 1024
MAX_FIELDS: Final = 100
NUMBER: Final = re.compile(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?", re.IGNORECASE)
KEY: Final = re.compile(r"[!-~]{16,64}")

encoded: Final = msgspec.json.Encoder().encode
"""As JSON."""
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without members."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One write as the client means it, however often it is sent: its id, and the digest of its body."""

    id: str
    body: str


def operation(request: Request[Any], principal: str, body: bytes, key: str | None = None) -> Operation:
    """The operation id of this write: 128 bits over principal, route and Idempotency-Key.

    A form passes the `key` of its hidden field. Raises IdempotencyKeyRequiredError, InvalidError.
    """
    key = key or request.headers.get("idempotency-key")
    if not key:
        raise IdempotencyKeyRequiredError(_("This request needs an Idempotency-Key of 16 to 64 characters."))
    if not KEY.fullmatch(key):
        raise InvalidError(
            _("An Idempotency-Key has 16 to 64 characters of ASCII, and no spaces."), field="Idempotency-Key"
        )
    scope = request.scope
    return Operation(digest(f"{principal}\n{scope['method']} {scope['path']}\n{key}".encode()), digest(body))


async def read_body(request: Request[Any], limit: int = MAX_BODY) -> bytes:
    """The body, of `limit` bytes at most. Raises TooLargeError before more than that is in memory."""
    if hasattr(request, "_body"):
        return await request.body()
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        more = message.get("more_body", False)
    request._body = b"".join(chunks)  # noqa: SLF001 - as Starlette's own body(): it can be asked for again
    return request._body  # noqa: SLF001 - as above


async def decode(request: Request[Any], kind: type[T]) -> T:
    """The body as `kind` (a msgspec Struct). An empty body is `{}`. Raises InvalidError naming the field at fault."""
    return parse(await read_body(request), kind)


def parse(body: bytes, kind: type[T]) -> T:
    """As `decode`, of a body that is read already (an operation id needs it too)."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        value: T = decoder.decode(body or b"{}")
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(error) from error
    return value


async def form(request: Request[Any], kind: type[T]) -> T:
    """An urlencoded form as `kind`; empty fields count as not given. Raises InvalidError naming the field at fault."""
    return parse_form(await read_body(request), kind)


def parse_form(body: bytes, kind: type[T]) -> T:
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:  # Not UTF-8, or more fields than any of our forms has.
        raise InvalidError(_("The form can't be read."), field="body") from error
    return convert(dict(pairs), kind)


def query(request: Request[Any], kind: type[T]) -> T:
    """The query string as `kind`, numbers read from text; in which language it is asked is no part of that.

    Raises InvalidError naming the parameter at fault.
    """
    return convert({name: value for name, value in request.query_params.items() if value and name != LANG}, kind)


def convert(values: Mapping[str, Any], kind: type[T]) -> T:
    """Text as `kind`, numbers read from it. Raises InvalidError naming the field at fault."""
    for name in _moments(kind) & values.keys():  # type: ignore[arg-type]  # mypy finds a class unhashable
        if NUMBER.fullmatch(values[name]):
            raise invalid(msgspec.ValidationError(f"Expected `datetime` - at `$.{name}`"))
    try:
        return msgspec.convert(dict(values), kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


@cache
def _moments(kind: Any) -> frozenset[str]:
    """The fields that are moments: where numbers are read from text, msgspec takes any number for one."""
    fields: Any = getattr(type_info(kind), "fields", ())
    return frozenset(
        field.encode_name for field in fields if DateTimeType in map(type, getattr(field.type, "types", (field.type,)))
    )


def reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`data` as JSON; bytes are JSON already."""
    body = data if isinstance(data, bytes) else encoded(data)
    return Response(body, status, headers, "application/json")


def is_known(request: Request[Any], tag: str) -> bool:
    """Whether who asks has what this entity tag (`"7"`, quoted) stands for, so that 304 is enough."""
    asked = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    return bool(asked & {tag, "*"})  # A star stands for whatever there is.


def no_content() -> Response:
    return Response(status_code=204)


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(_("The request is larger than %(limit)s bytes."), limit=limit)

"""Kuaidi100, who follows parcels of all of China's carriers, by its published interface.

We subscribe to a parcel (`/poll`), it pushes what is new to our address, signed with the salt that we gave; what it has
not pushed can be asked (`/poll/query.do`). Both take forms with a JSON `param`. The salt is derived from the shipment's
id, so that a signature for one shipment is none for another, and nothing has to be kept.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx2
import msgspec
from msgspec import Meta, Struct

from o2o.kernel.clock import to_ms
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from orders.delivery.carriers import (
    MESSENGER,
    FollowerAwayError,
    ForgedPushError,
    NotFollowedError,
    Parcel,
    Report,
    Scan,
    Whereabouts,
)

T = TypeVar("T")

URL: Final = "https://poll.kuaidi100.com"
LIMIT_S: Final = 10.0
ZONE: Final = ZoneInfo("Asia/Shanghai")
ACCEPTED: Final = {"result": True, "returnCode": "200", "message": "成功"}
"""What a push is answered with; anything else, and it comes again, three times half an hour apart."""
FOLLOWED: Final = frozenset({"200", "501"})
"""Subscribed now; subscribed before."""
FOR_LATER: Final = "500"
NOTHING_YET: Final = frozenset({"500", "501"})
"""Of a query: no result."""
OVER: Final = frozenset({"shutdown", "abort"})
GIVEN_UP: Final = "abort"
"""After three days without any record, or sixty without a change; the number may be subscribed to again."""
MOST_SCANS: Final = 200

STATES: Final[Mapping[str, Whereabouts]] = {
    "0": Whereabouts.ON_THE_WAY,
    "1": Whereabouts.COLLECTED,
    "2": Whereabouts.PROBLEM,
    "3": Whereabouts.SIGNED,
    "4": Whereabouts.RETURNING,
    "5": Whereabouts.OUT_FOR_DELIVERY,
    "6": Whereabouts.RETURNING,
    "7": Whereabouts.ON_THE_WAY,
    "8": Whereabouts.ON_THE_WAY,
    "10": Whereabouts.ON_THE_WAY,
    "11": Whereabouts.ON_THE_WAY,
    "12": Whereabouts.ON_THE_WAY,
    "13": Whereabouts.PROBLEM,
    "14": Whereabouts.REFUSED,
}


class _Answer(Struct):
    """To a subscription."""

    result: bool = False
    return_code: Annotated[str, Meta(description="200, 501 …")] = msgspec.field(name="returnCode", default="")
    message: str = ""


class _Scan(Struct):
    context: str = ""
    time: str = ""
    ftime: str = ""


class _Result(Struct):
    """Of one parcel: asked, or the `lastResult` of a push. A failed query has a `returnCode`."""

    state: str | int = ""
    ischeck: str | int = ""
    data: list[_Scan] = []
    return_code: str | int = msgspec.field(name="returnCode", default="")
    message: str = ""


class _Push(Struct):
    status: str = ""
    message: str = ""
    com_new: str | None = msgspec.field(name="comNew", default=None)
    last_result: _Result | None = msgspec.field(name="lastResult", default=None)


class Kuaidi100:
    """`salt_of` gives a shipment's salt, `callback` the address that its news are pushed to."""

    name: Final = "kuaidi100"

    def __init__(
        self,
        key: str,
        customer: str,
        salt_of: Callable[[str], str],
        callback: Callable[[str], str],
        url: str = URL,
    ) -> None:
        self._key, self._customer, self._url = key, customer, url
        self._salt_of, self._callback = salt_of, callback

    async def follow(self, parcel: Parcel) -> None:
        if parcel.carrier == MESSENGER:
            return
        param = {
            "company": parcel.carrier,
            "number": parcel.tracking,
            "to": parcel.target,
            "key": self._key,
            "parameters": {
                "callbackurl": self._callback(parcel.shipment),
                "salt": self._salt_of(parcel.shipment),
                "phone": parcel.phone,
            },
        }
        answer = _read(await self._post("/poll", {"schema": "json", "param": _json(param)}), _Answer)
        if answer.return_code in FOLLOWED:
            return
        if answer.return_code == FOR_LATER:
            raise FollowerAwayError(answer.message)
        raise NotFollowedError(answer.message)

    async def ask(self, parcel: Parcel) -> Report | None:
        if parcel.carrier == MESSENGER:
            return None
        param = _json(
            {"com": parcel.carrier, "num": parcel.tracking, "phone": parcel.phone, "to": parcel.target, "resultv2": "1"}
        )
        sign = signature(param + self._key + self._customer)
        body = await self._post("/poll/query.do", {"customer": self._customer, "sign": sign, "param": param})
        result = _read(body, _Result)
        code = str(result.return_code)
        if code in NOTHING_YET:
            return None
        if code and code != "200":
            raise FollowerAwayError(result.message)
        return _report(result, over=str(result.ischeck) == "1")

    def heard(self, shipment: str, body: bytes) -> Report:
        try:
            fields = parse_qs(body.decode(errors="replace"), max_num_fields=10)
        except ValueError as error:  # More fields than a push has.
            raise ForgedPushError from error
        param, sign = fields.get("param", [""])[0], fields.get("sign", [""])[0]
        if not hmac.compare_digest(sign.upper().encode(), signature(param + self._salt_of(shipment)).encode()):
            raise ForgedPushError
        try:
            push = msgspec.json.decode(param, type=_Push)
        except msgspec.MsgspecError as error:
            raise InvalidError(_("The body is not valid JSON."), field="param", reason=str(error)) from error
        over = push.status in OVER and not push.com_new
        found = _report(push.last_result or _Result(), over=over)
        given_up = over and push.status == GIVEN_UP
        return msgspec.structs.replace(found, carrier=push.com_new or None, given_up=given_up)

    async def _post(self, path: str, data: Mapping[str, str]) -> bytes:
        try:
            async with asyncio.timeout(LIMIT_S), httpx2.AsyncClient(timeout=LIMIT_S) as client:
                response = await client.post(self._url + path, data=data)
                response.raise_for_status()
                return response.content
        except (TimeoutError, httpx2.HTTPError) as error:
            raise FollowerAwayError(type(error).__name__) from error


def signature(text: str) -> str:
    """MD5 in capitals, as the interface wants it; it is no choice of ours."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _report(result: _Result, *, over: bool) -> Report:
    state = STATES.get(str(result.state)) if result.data or str(result.state) not in {"", "0"} else None
    scans = [Scan(at, one.context) for one in result.data[:MOST_SCANS] if (at := _moment(one)) is not None]
    return Report(state, tuple(sorted(scans, key=lambda scan: -scan.at)), over)


def _moment(scan: _Scan) -> int | None:
    """When it was (ms), by Beijing's clock; None if that can't be read."""
    for text in (scan.ftime, scan.time):
        try:
            return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZONE))
        except ValueError:
            continue
    return None


def _read(body: bytes, kind: type[T]) -> T:
    try:
        value: T = msgspec.json.decode(body, type=kind, strict=False)
    except msgspec.MsgspecError as error:
        raise FollowerAwayError(str(error)) from error
    return value


def _json(param: Mapping[str, Any]) -> str:
    return json.dumps(param, ensure_ascii=False, separators=(",", ":"))

"""A handshake that is as usual is answered as it was read; any other by a library, with the same words."""

import asyncio
from typing import Any

import pytest
from starlette.websockets import WebSocket

from o2o.kernel.connection import Upgrade
from tests.websocket.places import dial, serving
from websocket.handshake import accepting

USUAL = {
    b"host": b"127.0.0.1",
    b"upgrade": b"websocket",
    b"connection": b"Upgrade",
    b"sec-websocket-key": b"dGhlIHNhbXBsZSBub25jZQ==",
    b"sec-websocket-version": b"13",
    b"sec-websocket-extensions": b"permessage-deflate; client_max_window_bits",
}


def upgrade(method: str = "GET", version: str = "1.1", **changed: bytes | None) -> Upgrade:
    headers = USUAL | {name.replace("_", "-").encode(): value for name, value in changed.items()}
    return Upgrade(method, version, b"/x", [(name, value) for name, value in headers.items() if value is not None])


def test_the_answer_proves_that_the_key_was_read() -> None:
    """The example of RFC 6455, 1.3."""
    answer = accepting(upgrade())

    assert answer
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer


@pytest.mark.parametrize(
    "unusual",
    [
        upgrade(method="POST"),
        upgrade(version="1.0"),
        upgrade(sec_websocket_key=None),
        upgrade(sec_websocket_key=b"c2hvcnQ="),
        upgrade(sec_websocket_key=b"dGhlIHNhbXBsZSBub25jZR=="),
        upgrade(sec_websocket_version=None),
        upgrade(sec_websocket_version=b"8"),
        upgrade(sec_websocket_protocol=b"chat"),
        upgrade(content_length=b"4"),
        upgrade()._replace(headers=[*upgrade().headers, (b"sec-websocket-key", USUAL[b"sec-websocket-key"])]),
    ],
)
def test_what_is_unusual_is_left_to_the_library(unusual: Upgrade) -> None:
    assert accepting(unusual) is None


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, b"101"),
        ({b"sec-websocket-protocol": b"chat"}, b"101"),
        ({b"sec-websocket-version": b"8"}, b"400"),
        ({b"sec-websocket-key": b"c2hvcnQ="}, b"400"),
    ],
)
async def test_each_is_answered(changed: dict[bytes, bytes], status: bytes) -> None:
    async with serving(_listening) as url:
        answer = await _shake(url, USUAL | changed)

    assert answer.split(b" ")[1] == status
    assert (b"\r\ndate: " in answer.lower()) or status != b"101"


@pytest.mark.parametrize("ws", ["websocket.server:SocketProtocol", "websockets-sansio"])
async def test_the_application_is_told_the_same(ws: str) -> None:
    scopes: list[Any] = []

    async def note(socket: WebSocket[Any]) -> None:
        scopes.append({name: value for name, value in socket.scope.items() if name in TOLD})
        scopes[-1]["headers"] = [header for header in scopes[-1]["headers"] if header[0] in USUAL]
        await socket.accept(headers=[(b"x-own", b"1")])

    async with serving(note, ws) as url, dial(f"{url}/ticket%20s?a=1&b=%20") as client:
        assert client.response
        assert client.response.headers["x-own"] == "1"

    told = scopes[0]
    assert told["path"] == "/ticket s"
    assert told["raw_path"] == b"/ticket%20s"
    assert told["query_string"] == b"a=1&b=%20"
    assert (told["type"], told["scheme"], told["http_version"], told["subprotocols"]) == ("websocket", "ws", "1.1", [])
    assert b"sec-websocket-key" in dict(told["headers"])


TOLD = ("type", "scheme", "http_version", "path", "raw_path", "query_string", "headers", "subprotocols")


async def test_who_is_refused_gets_no_handshake() -> None:
    async def refuse(socket: WebSocket[Any]) -> None:
        await socket.close()

    async with serving(refuse) as url:
        answer = await _shake(url, USUAL)

    assert answer.split(b" ")[1] == b"403"


async def _listening(socket: WebSocket[Any]) -> None:
    await socket.accept(subprotocol="chat" if socket.scope["subprotocols"] else None)
    await socket.receive()


async def _shake(url: str, headers: dict[bytes, bytes]) -> bytes:
    """The head of the answer."""
    host, port = url.removeprefix("ws://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [b"GET /x HTTP/1.1", *(b"%b: %b" % header for header in headers.items())]
    writer.write(b"\r\n".join([*lines, b"", b""]))
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return head

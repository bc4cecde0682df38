"""uvicorn's HTTP protocol with one write an answer: head and body together. A handshake of sockets is read once.

Name it to uvicorn as `http="o2o.kernel.connection:OneWriteProtocol"`.
"""

import asyncio
from typing import Any, Final, NamedTuple, Protocol

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD: Final = 64 * 1024
"""As h11 has it. The parser itself gathers the lines of a head, or behind a body, without end."""


class Together:
    """A transport for one answer. Its head waits for what follows at once, and for nothing else."""

    __slots__ = ("_begun", "_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._begun = False

    def write(self, data: bytes) -> None:
        if not self._begun:
            self._begun, self._head = True, data
            asyncio.get_running_loop().call_soon(self._flush)  # An answer to HEAD has nothing that follows.
        elif self._head:
            head, self._head = self._head, b""
            self._transport.write(head + data)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class Upgrade(NamedTuple):
    """A request to become something else than HTTP, as it was read; names of headers are in lower case."""

    method: str
    version: str
    target: bytes
    headers: list[tuple[bytes, bytes]]


class Successor(Protocol):
    """A protocol that takes a connection over without reading the request again."""

    def take_over(self, transport: asyncio.Transport, upgrade: Upgrade) -> bool:
        """False, and nothing done, when it wants to read the request itself."""


class OneWriteProtocol(HttpToolsProtocol):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._beside = 0  # So much came that is no body: since a request began, or its body went on.

    @override
    def data_received(self, data: bytes) -> None:
        self._beside += len(data)
        super().data_received(data)
        if self._beside > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")

    @override
    def on_message_begin(self) -> None:
        self._beside = 0
        super().on_message_begin()

    @override
    def on_body(self, body: bytes) -> None:
        self._beside = 0
        super().on_body(body)

    @override
    def on_headers_complete(self) -> None:
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:
            self.cycle.transport = Together(self.transport)  # type: ignore[assignment]  # as a cycle uses one

    @override
    def handle_websocket_upgrade(self) -> None:
        """Hand over what was read; uvicorn writes it anew and has it read a second time, 60 µs of a connection."""
        if self.ws_protocol_class and hasattr(self.ws_protocol_class, "take_over"):
            shared = {"config": self.config, "server_state": self.server_state, "app_state": self.app_state}
            successor: Any = self.ws_protocol_class(**shared)
            if self._handed_to(successor):
                self.connections.discard(self)
                self.transport.set_protocol(successor)
                self.parser = None  # type: ignore[assignment]  # Both hold each other, for the collector to find.
                return
        super().handle_websocket_upgrade()

    def _handed_to(self, successor: Successor) -> bool:
        upgrade = Upgrade(self.scope["method"], self.scope["http_version"], self.url, self.headers)
        return successor.take_over(self.transport, upgrade)

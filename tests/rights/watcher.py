"""Somebody who would watch a stream."""

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from tests.rights.rows import SAID
from tests.serving import Service
from websocket.closing import Close

if TYPE_CHECKING:
    from collections.abc import MutableMapping

STAY_AWAY: Final = {Close.NO_RIGHT, Close.NOT_FOUND, Close.LOCKED}


class Watcher:
    """One socket, spoken to as a server does: what it was sent, and the code that it was closed with."""

    def __init__(self, service: Service, path: str, bearer: str) -> None:
        shown = [(b"authorization", f"Bearer {bearer}".encode())]
        self._scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": shown if bearer else [(b"authorization", b"Bearer guessed")],
            "client": ("192.0.2.1", 1),
            "state": service.state,
        }
        self._service = service
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()

    async def watches(self) -> bool:
        """Whether it gets a picture, and an answer to whatever it may say; closed at the end."""
        self._said.put_nowait({"type": "websocket.connect"})
        task = asyncio.create_task(self._service(self._scope, self._said.get, self._sent.put))
        task.add_done_callback(lambda _: self._sent.put_nowait({"type": "over"}))
        try:
            for said in ({"type": "nothing"}, *SAID.values()):
                self._said.put_nowait({"type": "websocket.receive", "text": json.dumps(said)})
                if not await self._is_answered():
                    return False
            return True
        finally:
            self._said.put_nowait({"type": "websocket.disconnect", "code": 1000})
            await task

    async def _is_answered(self) -> bool:
        while True:
            message = await self._sent.get()
            if message["type"] == "websocket.close":
                assert message["code"] in STAY_AWAY
                return False
            if message["type"] == "over":
                return False
            if message["type"] == "websocket.send":
                return True

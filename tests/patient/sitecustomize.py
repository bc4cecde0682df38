"""For controls: with this folder on PYTHONPATH the service waits for ever for a display that does not read."""

from functools import partialmethod

from websocket.outbox import Outbox
from websocket.server import SocketProtocol

FOR_EVER = 10**9


def _nothing(_self: SocketProtocol) -> None: ...


Outbox.__init__ = partialmethod(Outbox.__init__, frames=FOR_EVER, deadline_s=FOR_EVER)  # type: ignore[assignment,method-assign]
SocketProtocol.keepalive_timeout = _nothing  # type: ignore[assignment,method-assign]

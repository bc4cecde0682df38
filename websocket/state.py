"""What live delivery adds to the application's state."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orders.state import OrdersState
from websocket.addresses import SOCKETS_PER_ADDRESS, Addresses
from websocket.conversation import Reception
from websocket.hub import open_hub
from websocket.rights import ended_rights
from websocket.sources import sources_of


class LiveState(OrdersState):
    reception: Reception


@asynccontextmanager
async def open_live(state: OrdersState) -> AsyncIterator[Reception]:
    """Keep the process's hub while the block runs; at its end all sockets are sent away, to come back."""
    settings = state["settings"]
    addresses = Addresses(SOCKETS_PER_ADDRESS if settings.rate_limits else None)
    hub = open_hub(state["redis"], state["clock"], sources_of(state), lambda viewers: ended_rights(state, viewers))
    async with hub as opened:
        yield Reception(opened, addresses, settings.base_url)

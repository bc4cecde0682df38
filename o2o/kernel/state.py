"""What the lifespan of the application opens, as handlers find it in `request.state`."""

from typing import Any, TypedDict

from starlette.requests import HTTPConnection

from o2o.kernel.clock import Clock
from o2o.kernel.draining import Drain
from o2o.kernel.ledger import Ledger
from o2o.kernel.limits import Limits
from o2o.kernel.redis import RedisPair
from o2o.kernel.settings import Settings
from o2o.kernel.signing import Signer


class KernelState(TypedDict):
    """Each package adds its own; handlers take `Request[KernelState]` and read `request.state["clock"]`."""

    settings: Settings
    clock: Clock
    redis: RedisPair
    signer: Signer
    ledger: Ledger
    limits: Limits
    drain: Drain


def is_https(connection: HTTPConnection[Any]) -> bool:
    """Whether browsers reach us by https, also where a proxy that nobody told us to trust ends it: for our cookies."""
    state: KernelState = connection.state
    return state["settings"].https or connection.scope["scheme"] in {"https", "wss"}

"""Ports for servers that begin a moment later, which nobody else takes meanwhile."""

import contextlib
import os
import random
import socket
from itertools import cycle

FIRST, SHARE = 3000, 400
"""Below those of `tests/nodes.py` and those that the kernel gives away; so many for each process of a run."""

_number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 10
_own = range(FIRST + _number * SHARE, FIRST + (_number + 1) * SHARE)
_next = cycle(random.sample(_own, len(_own)))


def free_port() -> int:
    """One of this process's own. What is free of the kernel's may be somebody else's before a service has begun."""
    for port in _next:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # As a server does.
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("cycles don't end")

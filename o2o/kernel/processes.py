"""Processes that end with the one that started them."""

import ctypes
import signal
import sys


def end_with_the_parent() -> None:
    """Have the kernel end this process when its parent is killed outright (Linux; elsewhere it stays)."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)

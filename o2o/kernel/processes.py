"""Processes that end with the one that started them."""

import ctypes
import multiprocessing
import os
import signal
import sys


def end_with_the_parent() -> None:
    """Have the kernel end this process when its parent is killed outright (Linux; elsewhere it stays)."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def end_with_who_spawned_us() -> None:
    """As `end_with_the_parent`, in one of several processes; also when the parent was dead before the kernel was asked.

    Such a process takes its time to begin, and the kernel says nothing of a death before.
    """
    end_with_the_parent()
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        os.kill(os.getpid(), signal.SIGTERM)

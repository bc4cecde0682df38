"""Processes that end with the one that started them."""

import ctypes
import multiprocessing
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from threading import Thread


def end_with_the_parent() -> None:
    """Have the kernel end this process when its parent is killed outright (Linux; elsewhere it stays)."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def end_with_who_started_us() -> None:
    """As `end_with_the_parent`, in one of several processes, which another one may have forked.

    Whoever asked for the process holds one end of a pipe, and this one hears when it is gone, even if it was before.
    """
    end_with_the_parent()
    if asked := multiprocessing.parent_process():
        Thread(target=_end_after, args=(asked,), name="parent", daemon=True).start()


def _end_after(other: BaseProcess) -> None:
    other.join()
    os.kill(os.getpid(), signal.SIGTERM)

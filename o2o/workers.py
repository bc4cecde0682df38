"""Several processes that serve (O2O_WORKERS), under one that starts another for one that died.

They share a port, one Redis (an embedded one, where none was named) and their figures.
"""

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from socket import socket
from threading import Thread
from typing import Final

import uvicorn
from typing_extensions import override
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from o2o.kernel.metrics import SHARED_FIGURES
from o2o.kernel.redis import embedded_server
from o2o.kernel.settings import Settings

log = logging.getLogger(__name__)
URL: Final = "O2O_REDIS_URL"


class WorkersError(RuntimeError):
    """No process could begin to serve; what kept it from that is in the log."""


def serve_with_workers(settings: Settings, config: uvicorn.Config, bound: socket | None) -> None:
    """Serve until told to stop. Raises WorkersError."""
    with ExitStack() as stack:
        if settings.redis_url is None:
            os.environ[URL] = stack.enter_context(shared_redis(settings))
        os.environ[SHARED_FIGURES] = stack.enter_context(folder_of_figures())
        parent = _Parent(config, sockets=[stack.enter_context(bound or config.bind_socket())])
        try:
            parent.run()
        except BaseException:
            parent.terminate_all()
            parent.join_all()
            raise
    if any(process.exitcode == STARTUP_FAILURE for process in parent.processes):
        raise WorkersError("a process could not begin to serve: the log says why")


class _Parent(Multiprocess):
    @override
    def init_processes(self) -> None:
        super().init_processes()
        hear_of_their_end(self.processes)

    @override
    def keep_subprocess_alive(self) -> None:
        before = [process.pid for process in self.processes]
        super().keep_subprocess_alive()
        hear_of_their_end(self.processes)
        for ended, process in zip(before, self.processes, strict=True):
            if process.pid != ended:
                log.error("worker_ended", extra={"worker": ended, "instead": process.pid})


def hear_of_their_end(processes: Iterable[Process]) -> None:
    """Let a wait for a process's answer end when it dies.

    uvicorn's parent holds the process's end of their pipe open as well. When a process died before its first answer,
    the parent waited for it as long as for one that is slow, and saw nobody else die meanwhile: for 30 s nobody served.
    """
    for process in processes:
        process.child_conn.close()


@contextmanager
def shared_redis(settings: Settings) -> Iterator[str]:
    """An embedded Redis, kept alive beside the block by a thread of its own; gives its URL."""
    loop = asyncio.new_event_loop()
    server = embedded_server(settings.data_dir)
    thread = Thread(target=loop.run_forever, name="embedded-redis", daemon=True)
    thread.start()
    try:
        url = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        try:
            yield url
        finally:
            asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def folder_of_figures() -> Iterator[str]:
    """Where each process writes its figures down, so that whichever is asked can add up all of them."""
    folder = tempfile.mkdtemp(prefix="o2o-figures-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

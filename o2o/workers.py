"""Several processes that serve (O2O_WORKERS), under one that starts another for one that died.

They share a port, one Redis (an embedded one, where none was named) and their figures. On Linux each is forked from a
process that has imported everything and done nothing: the imports are what takes long when a process begins.
"""

import asyncio
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, wait
from socket import socket
from threading import Thread
from time import monotonic, sleep
from types import FrameType
from typing import Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from o2o.kernel.metrics import SHARED_FIGURES
from o2o.kernel.redis import embedded_server
from o2o.kernel.settings import Settings

log = logging.getLogger(__name__)
URL: Final = "O2O_REDIS_URL"
LINUX: Final = sys.platform == "linux"
PROCESSES: Final = multiprocessing.get_context("forkserver") if LINUX else multiprocessing.get_context("spawn")
IMPORTED: Final = ["o2o.cli", "o2o.kernel.connection", "websocket.server", "uvicorn.lifespan.on", "uvloop", "asyncpg"]
"""By the process that the others are forked from; what of it is missing each of them imports for itself."""
LOOK_S: Final = 0.5
"""How often the parent hears signals and asks the processes; of a death it hears at once."""


class WorkersError(RuntimeError):
    """No process could begin to serve; what kept it from that is in the log."""


def serve_with_workers(settings: Settings, config: uvicorn.Config, bound: socket) -> None:
    """Serve until told to stop. Raises WorkersError."""
    with ExitStack() as stack:
        if settings.redis_url is None:
            os.environ[URL] = stack.enter_context(shared_redis(settings))
        os.environ[SHARED_FIGURES] = stack.enter_context(folder_of_figures())
        PROCESSES.set_forkserver_preload(IMPORTED)
        Parent(config, bound).run()


class Worker:
    """One process that serves. It says whether it has begun, whenever it is asked."""

    def __init__(self, config: uvicorn.Config, bound: socket) -> None:
        self._line, far = multiprocessing.Pipe()
        self.process = PROCESSES.Process(target=_serve, args=(config, bound, far))
        self.process.start()
        far.close()  # Held here too, its end would not be heard.
        self._heard_at = monotonic()
        self._asked = False
        self.began = False

    def is_well(self, patience_s: float) -> bool:
        """Whether it lives and has said something in that time. Asks without waiting for the answer."""
        with suppress(OSError, EOFError):
            while self._line.poll():
                self.began, self._asked, self._heard_at = self._line.recv(), False, monotonic()
            if not self._asked:
                self._line.send(None)
                self._asked = True
        return self.process.is_alive() and monotonic() - self._heard_at < patience_s

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self._line.close()


class Parent:
    """Serves nothing itself. SIGTERM and SIGINT end all in order, SIGHUP renews the processes one after the other."""

    def __init__(self, config: uvicorn.Config, bound: socket) -> None:
        self._config = config
        self._bound = bound
        self._workers: list[Worker] = []
        self._ends = self._renews = self._failed = False

    def run(self) -> None:
        """Raises WorkersError when a process can't begin."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)
        try:
            self._workers += [self._another() for _ in range(self._config.workers)]
            while not self._ends:
                self._look()
                if self._renews:
                    self._renew()
        finally:
            self._end(*self._workers)
        if self._failed:
            raise WorkersError("a process could not begin to serve: the log says why")

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._renews = True
        else:
            self._ends = True

    def _look(self) -> None:
        """Wait until something happens, for a moment at most, and replace who is dead or says nothing any more."""
        wait([worker.process.sentinel for worker in self._workers], LOOK_S)
        for n, worker in enumerate(self._workers):
            if self._ends or worker.is_well(self._config.timeout_worker_healthcheck):
                continue
            worker.kill()
            if worker.process.exitcode == STARTUP_FAILURE:  # Another one would fail at the same.
                self._failed = self._ends = True
                return
            if not worker.began:
                sleep(LOOK_S)  # One that never comes to serve is not begun without a pause.
            self._workers[n] = self._another()
            log.error("worker_ended", extra={"worker": worker.process.pid, "instead": self._workers[n].process.pid})

    def _renew(self) -> None:
        """Each ends when another one serves in its place; none, when that one does not come to serve."""
        self._renews = False
        for old in list(self._workers):
            new = self._another()
            while new.is_well(self._config.timeout_worker_healthcheck) and not new.began and not self._ends:
                self._look()
            if not new.began:
                new.kill()
                if not self._ends:
                    log.error("worker_not_renewed", extra={"worker": old.process.pid})
                return
            if old in self._workers:  # Otherwise it has died meanwhile, and has been replaced.
                self._workers[self._workers.index(old)] = new
                self._end(old)
            else:
                self._end(new)

    def _another(self) -> Worker:
        return Worker(self._config, self._bound)

    def _end(self, *workers: Worker) -> None:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()


def _serve(config: uvicorn.Config, bound: socket, line: Connection) -> None:
    server = uvicorn.Server(config)
    Thread(target=_answer, args=(server, line), daemon=True).start()
    with suppress(KeyboardInterrupt):  # It has ended in order by then.
        server.run([bound])


def _answer(server: uvicorn.Server, line: Connection) -> None:
    with suppress(OSError, EOFError):
        while True:
            line.recv()
            line.send(server.started)


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

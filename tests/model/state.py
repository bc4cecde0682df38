"""What a state of the model is made of. Everything is a tuple, so that states can be hashed and compared."""

from typing import Any, Final, NamedTuple

Phase = tuple[Any, ...]
Answer = Any  # ("ticket", id, number), ("called", id), ("finished", id), or one of REFUSALS
TicketId = tuple[Any, ...]

IDLE: Final[Phase] = ("idle",)
REFUSALS: Final = ("empty", "full", "conflict")
COMMITS: Final = ("commit", "write")
WORKER: Final = 2  # the index of the worker among the processes; clients ask those before it


class Row(NamedTuple):
    """A ticket as Redis has it; `maker` is the operation that issued it."""

    ticket: TicketId
    number: int
    maker: str
    status: str
    counter: int


class StoredRow(NamedTuple):
    """A ticket as SQL has it: with the epoch and version of its last change."""

    ticket: TicketId
    number: int
    maker: str
    status: str
    counter: int
    epoch: int
    version: int


class Change(NamedTuple):
    """A journal entry."""

    op: str
    epoch: int
    version: int
    row: Row | None
    answer: Answer


class Event(NamedTuple):
    """A change's trace in SQL, and its stored answer."""

    op: str
    epoch: int
    version: int
    answer: Answer


class Refusal(NamedTuple):
    """A refusal kept in Redis: `attempts` of the operation had been received when `by` decided it."""

    op: str
    attempts: int
    by: int
    answer: Answer


class Data(NamedTuple):
    """What a Redis server holds of the hall. `loaded` are the operations it was given from SQL."""

    epoch: int
    server: tuple[int, int]
    base: int
    rows: tuple[Row, ...]
    number: int
    loaded: tuple[Event, ...]
    refused: tuple[Refusal, ...]
    journal: tuple[Change, ...]

    @property
    def version(self) -> int:
        return self.base + len(self.journal)


class Server(NamedTuple):
    """A Redis server; `past` is older data, which a lagging replica or a cut AOF may have instead."""

    run: int
    replid: int
    data: Data | None
    past: tuple[Data, ...]


class Sql(NamedTuple):
    fence: int
    rows: tuple[StoredRow, ...]
    events: tuple[Event, ...]


class Early(NamedTuple):
    """What a process has read, and decided in `epoch` (0: not yet), while it commits another operation.

    `bundle` leaves out what is being committed.
    """

    op: str
    listens: bool
    attempt: int
    epoch: int = 0
    bundle: tuple[Change, ...] = ()
    answer: Answer = None


class Process(NamedTuple):
    """A service process or the worker: the epoch it knows, the server it talks to, what it is doing.

    `listens`: the client still waits for this answer. `attempt` counts the operation's attempts by their receipt.
    """

    epoch: int
    where: str
    phase: Phase
    listens: bool
    attempt: int = 0
    early: Early | None = None


class Client(NamedTuple):
    """Who sent an operation. `before` are the operations that were answered before this one was first sent."""

    op: str
    answer: Answer
    sent: bool
    before: tuple[str, ...]
    received: int = 0


class Left(NamedTuple):
    """What may still go wrong."""

    faults: int
    crashes: int
    retries: int
    repeated_loads: int
    late: int


class State(NamedTuple):
    sql: Sql
    cur: Server
    old: Server | None  # the former master, still reachable by some processes: a split brain
    spare: int  # run id of the replica
    procs: tuple[Process, ...]  # two service processes and the worker
    clients: tuple[Client, ...]
    left: Left
    fresh: int  # the next unused id
    ghost: Phase | None  # a load that the network will deliver once more
    wire: tuple[tuple[int, str, bool], ...]  # attempts sent and not yet read: process, operation, somebody listens

    def server(self, where: str) -> Server:
        server = self.cur if where == "cur" else self.old
        assert server is not None
        return server

    def with_process(self, i: int, process: Process) -> "State":
        if process.phase == IDLE:  # what it did last makes no difference any more
            process = process._replace(listens=False, attempt=0)
        return self._replace(procs=(*self.procs[:i], process, *self.procs[i + 1 :]))

    def with_server(self, where: str, server: Server) -> "State":
        return self._replace(cur=server) if where == "cur" else self._replace(old=server)


Step = tuple[str, State]


class ViolationError(Exception):
    """An invariant that a step breaks."""


def show(thing: Any) -> str:
    """Write a ticket, an answer or rows briefly: `i1@e1v1` is the ticket that i1 issued in epoch 1 at version 1."""
    if isinstance(thing, tuple) and len(thing) == 1:
        return str(thing[0])
    if isinstance(thing, tuple) and len(thing) == len(("op", "epoch", "version", "run", "replid")):
        op, epoch, version, *_ = thing
        if isinstance(op, str) and isinstance(epoch, int):
            return f"{op}@e{epoch}v{version}"
    if isinstance(thing, tuple | list):
        return " ".join(show(part) for part in thing)
    return str(thing)

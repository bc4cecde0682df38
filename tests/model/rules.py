"""The protocol's rules and the scenarios, as switches: a control takes one guard away."""

from dataclasses import dataclass, replace

MAX_EPOCH = 4  # deeper chains of rebuilds are cut, and counted


@dataclass(frozen=True)
class Rules:
    """True: the guard is in force. The second block was added when the first version of the rules was broken."""

    identity_run: bool = True  # rule 1: run_id in the server's identity
    identity_replid: bool = True  # rule 1: master_replid in the server's identity
    caller_epoch: bool = True  # rule 1: the script compares the caller's epoch
    known_operation: bool = True  # rule 1: the script looks the operation id up
    fence: bool = True  # rule 2: a change of another epoch is refused
    fence_lock: bool = True  # rule 2: the fence row stays locked from the check to the commit
    version_guard: bool = True  # rule 2: a row is only replaced by a higher version
    unique_event: bool = True  # events unique by operation id
    unique_version: bool = True  # events unique by hall, epoch, version
    unique_maker: bool = True  # the ticket row's operation id is unique
    unique_number: bool = True  # number unique per hall and day
    read_committed: bool = True  # rule 4: rows are read after the lock (False: snapshot taken before it)
    load_operations: bool = True  # rule 4: operation ids are loaded (False: all are too old to be "recent")
    load_later: bool = True  # rule 4: no load over a later epoch
    numbers_of_all_rows: bool = True  # rule 4: next number from all rows of the day (False: live rows only)
    drop_old_entries: bool = True  # rule 5: the worker drops entries of older epochs (False: as if current)
    orphans: bool = True  # rule 5 at all

    load_once: bool = False  # a load never repeats: refused over the same epoch, or on another server
    stored_answer: bool = False  # an operation loaded from SQL is answered at once, without a commit
    idempotent_commit: bool = False  # the same change committed twice is no refusal
    refusal_commits: bool = False  # a refusal ("nobody waiting") passes the fence before it is answered
    refusal_recorded: bool = False  # a refusal is a change without rows: version, journal, event
    refusal_remembered: bool = False  # instead: a refusal is kept in Redis alone, under its operation id
    refusal_dated: bool = False  # ... with its moment: an attempt received later is judged anew
    prefix: bool = False  # a commit carries every earlier change of the epoch not known as committed
    worker_rebuilds: bool = False  # a refused orphan makes the worker rebuild
    overlap: bool = False  # a process decides its next operation while it commits one
    early_epoch: bool = True  # ... and commits it only in the epoch in which it was decided (False: in any)
    in_order: bool = True  # ... and only when the one before is committed (False: in any order)
    load_own_server: bool = False  # reading: load writes the executing server's identity, not the fence's

    def without(self, *guards: str) -> "Rules":
        return replace(self, **dict.fromkeys(guards, False))


WRITTEN = Rules()
# WRITTEN with its clearest gaps closed, so that the controls of the old guards are not drowned in them.
BASE = replace(
    WRITTEN,
    stored_answer=True,
    idempotent_commit=True,
    refusal_commits=True,
    refusal_recorded=True,
    worker_rebuilds=True,
)
FIXED = replace(BASE, load_once=True, prefix=True)
REMEMBERED = replace(FIXED, refusal_recorded=False, refusal_remembered=True)
DATED = replace(REMEMBERED, refusal_dated=True)
# The rules in force (docs/architecture.md).
OVERLAPPED = replace(DATED, overlap=True)


@dataclass(frozen=True)
class Scenario:
    operations: tuple[str, ...] = ("i1", "c1", "c2")  # i1: issue; c1, c2: call by a counter; f1: finish ticket 1
    waiting: int = 1  # tickets in line at the start
    serving: int = 0  # 1: ticket 1 is already called by counter 1
    capacity: int = 9  # places in the hall
    faults: int = 1
    kinds: tuple[str, ...] = ("flush", "restart", "truncated", "failover")
    split: bool = True  # a failover may leave one process with the old master
    lag: int = 2  # changes a replica or a cut AOF may miss
    crashes: int = 1
    retries: int = 1
    repeated_loads: int = 0
    late: int = 0  # attempts that a stalled process reads only later
    asks_again: bool = False  # a client may repeat an operation after a refusal was answered
    skew: bool = False  # P1's clock is ahead of P2's
    fifo: bool = True  # judge call-next as strictly first come, first served
    judge: str = "abcdefghi"  # invariants that count

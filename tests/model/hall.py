"""Every atomic step that clients, two service processes and a worker may take in one hall."""

from collections.abc import Iterator

from tests.model.clients import Clients, acknowledge
from tests.model.redis import Redis
from tests.model.rules import MAX_EPOCH, Rules, Scenario
from tests.model.sql import Record
from tests.model.state import (
    COMMITS,
    IDLE,
    WORKER,
    Client,
    Data,
    Early,
    Left,
    Process,
    Row,
    Server,
    Sql,
    State,
    Step,
    StoredRow,
    show,
)


class Hall:
    def __init__(self, rules: Rules, scenario: Scenario) -> None:
        self.rules, self.scenario = rules, scenario
        self.redis, self.record = Redis(rules, scenario), Record(rules)
        self.clients = Clients(rules, scenario)
        self.cut = 0  # rebuilds that were not followed, beyond MAX_EPOCH

    def start(self) -> State:
        s = self.scenario
        rows = tuple(self._first_row(n) for n in range(1, s.waiting + s.serving + 1))
        data = Data(1, (0, 0), len(rows), rows, len(rows) + 1, (), (), ())
        stored = tuple(StoredRow(*row, 1, row.number) for row in rows)
        return State(
            sql=Sql(1, stored, ()),
            cur=Server(0, 0, data, ()),
            old=None,
            spare=1,
            procs=(Process(1, "cur", IDLE, listens=False),) * 3,
            clients=tuple(Client(op, None, sent=False, before=()) for op in s.operations),
            left=Left(s.faults, s.crashes, s.retries, s.repeated_loads, s.late),
            fresh=2,
            ghost=None,
            wire=(),
        )

    def _first_row(self, n: int) -> Row:
        called = self.scenario.serving and n == 1
        return Row((f"t{n}",), n, f"t{n}", "called" if called else "waiting", 1 if called else 0)

    def quiet(self, state: State) -> bool:
        """Say whether nothing is under way."""
        return (
            not state.wire
            and all(proc.phase == IDLE and proc.early is None for proc in state.procs)
            and not (self.rules.orphans and any(self.record.orphans(state, state.cur)))
        )

    def steps(self, state: State) -> Iterator[Step]:
        """Yield (label, next state) for every atomic step any party may take."""
        for i in range(WORKER):
            yield from self._process_steps(state, i)
        for label, after in self._worker_steps(state):
            yield f"worker: {label}", after
        yield from self.clients.steps(state)
        if state.left.faults:
            yield from self.redis.faults(state)
        if state.old:
            back = tuple(proc._replace(where="cur") for proc in state.procs)
            yield (
                "the old master becomes a replica of the new one",
                state._replace(old=None, spare=state.old.run, procs=back),
            )
        if state.ghost:
            for where in ("cur", "old") if state.old else ("cur",):
                label = f"the network delivers the load of epoch {state.ghost[3]} again on {where}"
                yield label, self.redis.load(state, where, state.ghost)._replace(ghost=None)

    # -- a process --

    def _process_steps(self, state: State, i: int) -> Iterator[Step]:
        proc = state.procs[i]
        for label, after in self._work(state, i):
            yield f"P{i + 1}: {label}", after
        if proc.phase != IDLE and state.left.crashes:
            left = state.left._replace(crashes=state.left.crashes - 1)
            dead = Process(0, proc.where, IDLE, listens=False)
            yield f"P{i + 1} crashes at {proc.phase[0]}", state.with_process(i, dead)._replace(left=left)
        if proc.where == "old" and proc.phase[0] in ("idle", "run", "load"):
            yield f"P{i + 1} finds the new master", state.with_process(i, proc._replace(where="cur"))

    def _work(self, state: State, i: int) -> Iterator[Step]:
        proc = state.procs[i]
        if proc.early:
            yield from self._work_early(state, i, proc.early)
        match proc.phase[0]:
            case "run":
                yield self.redis.script(state, i)
            case "commit":
                yield self._commit(state, i)
            case "write":
                yield self._write(state, i)
            case "reply":
                yield self._reply(state, i)
            case "begin" | "locked" | "load":
                yield from self._rebuild(state, i)

    def _work_early(self, state: State, i: int, early: Early) -> Iterator[Step]:
        proc = state.procs[i]
        decided = ("commit", early.op, early.bundle, early.answer)
        if proc.phase == IDLE:
            holds = early.epoch == proc.epoch or (early.epoch and not self.rules.early_epoch)
            phase = decided if holds else ("run", early.op)
            next_ = Process(proc.epoch, proc.where, phase, early.listens, early.attempt)
            yield f"goes on with {early.op}", state.with_process(i, next_)
        elif proc.phase[0] in COMMITS and not early.epoch:
            asked = proc._replace(phase=("run", early.op), attempt=early.attempt)
            label, after = self.redis.script(state.with_process(i, asked), i)
            kind, _, bundle, answer, *_ = (*after.procs[i].phase, (), None)
            if kind == "commit":  # Everything else waits until it is this one's turn.
                rest = tuple(change for change in bundle if change not in proc.phase[2])
                early = early._replace(epoch=proc.epoch, bundle=rest, answer=answer)
                yield f"{label}, early", after.with_process(i, proc._replace(early=early))
        elif proc.phase[0] in COMMITS and not self.rules.in_order:
            _, op, bundle, answer = proc.phase
            first = Early(op, proc.listens, proc.attempt, proc.epoch, bundle, answer)
            turned = Process(proc.epoch, proc.where, decided, early.listens, early.attempt, first)
            yield f"puts {early.op} before {op}", state.with_process(i, turned)

    def _reply(self, state: State, i: int) -> Step:
        proc = state.procs[i]
        _, op, answer, then = proc.phase
        after = state.with_process(i, proc._replace(phase=then, listens=False))
        if not proc.listens:
            return f"answers {op}: {show(answer)} (nobody listens)", after
        clients = tuple(acknowledge(client, op, answer) for client in state.clients)
        return f"answers {op}: {show(answer)}", after._replace(clients=clients)

    def _commit(self, state: State, i: int) -> Step:
        proc = state.procs[i]
        _, op, bundle, _ = proc.phase
        if self.record.fenced(state.sql, proc.epoch, bundle):
            again = proc._replace(epoch=state.sql.fence, phase=("run", op))
            return f"commit of {op} refused by the fence", state.with_process(i, again)
        if self.rules.fence_lock:
            return self._write(state, i)
        return f"{op}: fence looks right", state.with_process(i, proc._replace(phase=("write", *proc.phase[1:])))

    def _write(self, state: State, i: int) -> Step:
        proc = state.procs[i]
        _, op, bundle, answer = proc.phase
        sql, refused = self.record.insert(state.sql, bundle)
        if not refused:
            done = proc._replace(phase=("reply", op, answer, IDLE) if proc.listens else IDLE)
            return f"commits {op}", state._replace(sql=sql).with_process(i, done)
        begin = ("begin", None, state.server(proc.where)[:2], True)
        stored = self.record.stored_answer(state.sql, op)
        if stored is not None:
            label = f"commit of {op} refused: operation id stored"
            return label, state.with_process(i, proc._replace(phase=("reply", op, stored, begin)))
        if refused in ("operation", "maker") or self.rules.worker_rebuilds:
            label = f"commit of {op} refused by another operation's {refused}"
            return label, state.with_process(i, proc._replace(phase=("begin", op, *begin[2:])))
        label = f"commit of {op} refused: {refused} not unique"
        return label, state.with_process(i, proc._replace(phase=("reply", op, "conflict", begin)))

    # -- a rebuild: the SQL transaction (with its snapshot first when READ COMMITTED is off), then the load --

    def _rebuild(self, state: State, i: int) -> Iterator[Step]:
        proc = state.procs[i]
        name, op, identity, *more = proc.phase
        then = ("run", op) if op else IDLE
        if name == "load":
            epoch = more[0]
            after = self.redis.load(state, proc.where, proc.phase)
            after = after.with_process(i, proc._replace(epoch=epoch, phase=then))
            if state.left.repeated_loads:
                left = state.left._replace(repeated_loads=state.left.repeated_loads - 1)
                yield (
                    f"loads epoch {epoch} on {proc.where}, and the network keeps a copy",
                    after._replace(ghost=proc.phase, left=left),
                )
            yield f"loads epoch {epoch} on {proc.where}", after
        elif name == "begin" and not self.rules.read_committed:
            locked = ("locked", op, identity, more[0], state.sql)
            yield "rebuild takes its snapshot, waits for the lock", state.with_process(i, proc._replace(phase=locked))
        elif state.sql.fence > proc.epoch:
            label = f"sees epoch {state.sql.fence} in the fence"
            yield label, state.with_process(i, proc._replace(epoch=state.sql.fence, phase=then))
        elif state.sql.fence >= MAX_EPOCH:
            self.cut += 1
        else:
            seen = more[1] if name == "locked" else state.sql
            load = self.record.load_phase(state.sql, seen, proc.phase)
            sql = state.sql._replace(fence=state.sql.fence + 1)
            yield (
                f"rebuild commits epoch {sql.fence}",
                state._replace(sql=sql).with_process(i, proc._replace(phase=load)),
            )

    # -- the worker --

    def _worker_steps(self, state: State) -> Iterator[Step]:
        worker = state.procs[WORKER]
        if worker.phase[0] in ("begin", "locked", "load"):
            yield from self._rebuild(state, WORKER)
        elif worker.phase[0] == "orphan":
            yield self._commit_orphan(state)
        elif self.rules.orphans:
            for server in (state.cur, state.old):
                for bundle in self.record.orphans(state, server):
                    label = f"picks orphan {bundle[-1].op} of epoch {bundle[-1].epoch}"
                    yield label, state.with_process(WORKER, worker._replace(phase=("orphan", bundle)))

    def _commit_orphan(self, state: State) -> Step:
        worker = state.procs[WORKER]
        bundle = worker.phase[1]
        idle = Process(worker.epoch, "cur", IDLE, listens=False)
        restamp = None if self.rules.drop_old_entries else state.sql.fence
        if not restamp and self.record.fenced(state.sql, worker.epoch, bundle):
            return "orphan refused by the fence", state.with_process(WORKER, idle)
        sql, refused = self.record.insert(state.sql, bundle, restamp)
        label = f"commits orphan {bundle[-1].op}"
        if not refused:
            return label, state._replace(sql=sql).with_process(WORKER, idle)
        begin = ("begin", None, state.cur[:2], True) if self.rules.worker_rebuilds else IDLE
        after = idle._replace(epoch=state.sql.fence, phase=begin)
        return f"{label}: refused ({refused})", state.with_process(WORKER, after)

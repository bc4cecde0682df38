"""The Redis half of the model: a script on one server, a load, and what may happen to a server."""

from collections.abc import Iterator

from tests.model.rules import Rules, Scenario
from tests.model.state import (
    IDLE,
    Answer,
    Change,
    Data,
    Event,
    Process,
    Refusal,
    Row,
    Server,
    State,
    Step,
    TicketId,
    show,
)


class Redis:
    def __init__(self, rules: Rules, scenario: Scenario) -> None:
        self.rules, self.scenario = rules, scenario

    def knows(self, server: Server, identity: tuple[int, int]) -> bool:
        return (server.run == identity[0] or not self.rules.identity_run) and (
            server.replid == identity[1] or not self.rules.identity_replid
        )

    def script(self, state: State, i: int) -> Step:
        """Run the process's operation on the server it talks to: rule 1."""
        proc = state.procs[i]
        op = proc.phase[1]
        server = state.server(proc.where)
        data = server.data
        stale = data is None or not self.knows(server, data.server)
        if data is None or stale or (self.rules.caller_epoch and data.epoch != proc.epoch):
            begin = proc._replace(phase=("begin", op, server[:2], False))
            return f"runs {op} on {proc.where}: STALE", state.with_process(i, begin)
        known = self._known(data, op, proc, i) if self.rules.known_operation else None
        if known:
            label, phase = known
            return f"runs {op} on {proc.where}: {label}", state.with_process(i, proc._replace(phase=phase))
        ticket = (op, data.epoch, data.version + 1, server.run, server.replid)
        row, answer = self._decide(op, data, ticket)
        if row is None and not self.rules.refusal_recorded:
            return self._refuse(state, i, data, answer)
        return self._change(state, i, data, row, answer)

    def _known(self, data: Data, op: str, proc: Process, i: int) -> tuple[str, tuple[object, ...]] | None:
        for n, change in enumerate(data.journal):
            if change.op == op:
                return "known", ("commit", op, self._bundle(data, n), change.answer)
        for refusal in data.refused:
            if refusal.op == op and not self._received_later(proc, i, refusal):
                return "refused before", ("commit", op, data.journal, refusal.answer)
        for event in data.loaded:
            if event.op == op and self.rules.stored_answer:
                return "stored", ("reply", op, event.answer, IDLE)
            if event.op == op:
                again = Change(op, event.epoch, event.version, None, event.answer)
                return f"known from epoch {event.epoch}", ("commit", op, (again,), event.answer)
        return None

    def _received_later(self, proc: Process, i: int, refusal: Refusal) -> bool:
        if not self.rules.refusal_dated:
            return False
        if self.scenario.skew and i != refusal.by:
            return i == 0
        return proc.attempt > refusal.attempts

    def _bundle(self, data: Data, n: int) -> tuple[Change, ...]:
        return data.journal[: n + 1] if self.rules.prefix else data.journal[n : n + 1]

    def _decide(self, op: str, data: Data, ticket: TicketId) -> tuple[Row | None, Answer]:
        if op[0] == "i":
            if sum(row.status != "done" for row in data.rows) >= self.scenario.capacity:
                return None, "full"
            return Row(ticket, data.number, op, "waiting", 0), ("ticket", ticket, data.number)
        if op[0] == "f":
            first = next(row for row in data.rows if row.ticket == ("t1",))
            if first.status != "called":
                return None, "empty"
            return first._replace(status="done", counter=1), ("finished", first.ticket)
        waiting = next((row for row in data.rows if row.status == "waiting"), None)
        if waiting is None:
            return None, "empty"
        return waiting._replace(status="called", counter=int(op[1])), ("called", waiting.ticket)

    def _refuse(self, state: State, i: int, data: Data, answer: Answer) -> Step:
        proc = state.procs[i]
        op = proc.phase[1]
        label = f"runs {op} on {proc.where}: {answer}"
        if not self.rules.refusal_commits:
            return label, state.with_process(i, proc._replace(phase=("reply", op, answer, IDLE)))
        seen = data.journal if self.rules.prefix else ()
        after = state.with_process(i, proc._replace(phase=("commit", op, seen, answer)))
        if not self.rules.refusal_remembered:
            return label, after
        attempts = next(client.received for client in state.clients if client.op == op)
        refusal = Refusal(op, attempts, i if self.scenario.skew else 0, answer)
        others = tuple(kept for kept in data.refused if kept.op != op)
        kept = data._replace(refused=tuple(sorted((*others, refusal))))
        return label, self._write(after, proc.where, kept)

    def _change(self, state: State, i: int, data: Data, row: Row | None, answer: Answer) -> Step:
        proc = state.procs[i]
        op = proc.phase[1]
        change = Change(op, data.epoch, data.version + 1, row, answer)
        rows = data.rows
        if row:
            others = [kept for kept in rows if kept.ticket != row.ticket]
            rows = tuple(sorted([*others, row], key=lambda kept: kept.number))
        new = data._replace(rows=rows, number=data.number + (answer[0] == "ticket"), journal=(*data.journal, change))
        after = self._write(state, proc.where, new)
        bundle = self._bundle(new, len(new.journal) - 1)
        label = f"runs {op} on {proc.where}: epoch {change.epoch} version {change.version}, {show(answer)}"
        return label, after.with_process(i, proc._replace(phase=("commit", op, bundle, answer)))

    def _write(self, state: State, where: str, data: Data) -> State:
        server = state.server(where)
        before = (server.data,) if server.data else ()
        # Without faults to come nobody will ask for older data: leaving it out merges states.
        past = (before + server.past)[: self.scenario.lag] if state.left.faults else ()
        return state.with_server(where, server._replace(data=data, past=past))

    def load(self, state: State, where: str, phase: tuple[object, ...]) -> State:
        """Replace everything of the hall, unless the server refuses: rule 4."""
        identity: tuple[int, int]
        epoch: int
        rows: tuple[Row, ...]
        number: int
        events: tuple[Event, ...]
        base: int
        _, _, identity, epoch, rows, number, events, base = phase  # type: ignore[assignment]  # a phase is untyped
        server = state.server(where)
        data = server.data
        if data and data.epoch > epoch and self.rules.load_later:
            return state
        if self.rules.load_once and ((data and data.epoch == epoch) or server[:2] != identity):
            return state
        own = server[:2] if self.rules.load_own_server else identity
        return self._write(state, where, Data(epoch, own, base, rows, number, events, (), ()))

    def faults(self, state: State) -> Iterator[Step]:
        """Yield what may happen to the servers."""
        cur, fresh = state.cur, state.fresh
        state = state._replace(left=state.left._replace(faults=state.left.faults - 1))
        kinds = self.scenario.kinds
        pasts: tuple[Data | None, ...] = (cur.data, *cur.past)
        if "flush" in kinds and cur.data:
            yield "FLUSHALL", state._replace(cur=cur._replace(data=None))
        if "restart" in kinds:
            yield "Redis restarts empty", state._replace(cur=Server(fresh, fresh, None, ()), fresh=fresh + 1)
        if "truncated" in kinds:
            for lost, older in enumerate(pasts):
                again = Server(fresh, fresh, older, ())
                yield f"Redis restarts, {lost} writes lost", state._replace(cur=again, fresh=fresh + 1)
        if "failover" in kinds and not state.old:
            for lost, older in enumerate(pasts):
                yield from self._failover(state, lost, older)

    def _failover(self, state: State, lost: int, older: Data | None) -> Iterator[Step]:
        label = f"failover, {lost} writes lost"
        cur, fresh = state.cur, state.fresh
        new = state._replace(cur=Server(state.spare, fresh, older, ()), fresh=fresh + 1)
        yield label, new._replace(spare=cur.run)
        for i in range(2 if self.scenario.split else 0):
            stuck = tuple(proc._replace(where="old" if j == i else "cur") for j, proc in enumerate(state.procs))
            yield f"{label}; P{i + 1} still talks to the old master", new._replace(old=cur, procs=stuck)

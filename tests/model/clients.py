"""What clients may do: send an operation, or send it again, and what reaches a process late."""

from collections.abc import Iterator

from tests.model.rules import Rules, Scenario
from tests.model.state import (
    COMMITS,
    IDLE,
    REFUSALS,
    WORKER,
    Answer,
    Client,
    Early,
    Process,
    State,
    Step,
    ViolationError,
    show,
)

CLOSED = "~"  # ends the name of a refusal that was answered and then asked again


class Clients:
    def __init__(self, rules: Rules, scenario: Scenario) -> None:
        self.rules, self.scenario = rules, scenario

    def steps(self, state: State) -> Iterator[Step]:
        for n, client in enumerate(state.clients):
            if client.sent and not (state.left.retries and self._may_repeat(client)):
                continue
            for i in range(WORKER):
                if self._reads(state.procs[i]):
                    label = f"client sends {client.op} to P{i + 1}" + (" again" if client.sent else "")
                    yield label, self._read(self._send(state, n), i, client.op, listens=True)
            if state.left.late:
                for i in range(WORKER):
                    late = self._send(state, n)
                    left = late.left._replace(late=late.left.late - 1)
                    yield (
                        f"client sends {client.op} to P{i + 1}, which stalls",
                        late._replace(wire=(*late.wire, (i, client.op, True)), left=left),
                    )
        for message in state.wire:
            i, op, listens = message
            if self._reads(state.procs[i]):
                rest = tuple(other for other in state.wire if other is not message)
                label = f"P{i + 1} goes on and reads {op}"
                yield label, self._read(state._replace(wire=rest), i, op, listens=listens)

    def _reads(self, proc: Process) -> bool:
        """Say whether the process reads another operation now."""
        return proc.early is None and (proc.phase == IDLE or (self.rules.overlap and proc.phase[0] in COMMITS))

    def _may_repeat(self, client: Client) -> bool:
        if client.op.endswith(CLOSED):
            return False
        return client.answer not in REFUSALS or self.scenario.asks_again

    def _send(self, state: State, n: int) -> State:
        """Send a client's operation, for the first time or again; nobody listens to earlier attempts then."""
        client = state.clients[n]
        if client.sent:
            state = state._replace(left=state.left._replace(retries=state.left.retries - 1))
        if client.answer in REFUSALS and client.sent:
            state = _close_refused(state, client)
            client = next(other for other in state.clients if other.op == client.op)
        answered = tuple(other.op for other in state.clients if other.answer is not None)
        sent = client if client.sent else client._replace(sent=True, before=answered)
        clients = tuple(sent if other.op == sent.op else other for other in state.clients)
        procs = tuple(_unheard(proc, client.op) for proc in state.procs)
        wire = tuple((i, op, listens and op != client.op) for i, op, listens in state.wire)
        return state._replace(clients=clients, procs=procs, wire=wire)

    def _read(self, state: State, i: int, op: str, *, listens: bool) -> State:
        attempt = 0
        if self.rules.refusal_dated:
            attempt = next(client.received for client in state.clients if client.op == op) + 1
            clients = tuple(
                client._replace(received=attempt) if client.op == op else client for client in state.clients
            )
            state = state._replace(clients=clients)
        proc = state.procs[i]
        if proc.phase != IDLE:
            return state.with_process(i, proc._replace(early=Early(op, listens, attempt)))
        return state.with_process(i, Process(proc.epoch, proc.where, ("run", op), listens, attempt))


def acknowledge(client: Client, op: str, answer: Answer) -> Client:
    if client.op != op:
        return client
    if client.answer is not None and client.answer != answer:
        raise ViolationError(f"(c) {op} answered {show(client.answer)}, then {show(answer)}")
    return client._replace(answer=answer)


def _unheard(proc: Process, op: str) -> Process:
    """The process when nobody waits for an earlier attempt any more."""
    if proc.phase != IDLE and proc.phase[1] == op:
        proc = proc._replace(listens=False)
    if proc.early and proc.early.op == op:
        proc = proc._replace(early=proc.early._replace(listens=False))
    return proc


def _close_refused(state: State, client: Client) -> State:
    """Give an answered refusal a name of its own, so that the repeat is judged as an operation after it."""
    closed = client.op + CLOSED * sum(other.op.startswith(client.op) for other in state.clients)
    clients = tuple(
        other._replace(before=tuple(closed if op == client.op else op for op in other.before))
        for other in state.clients
    )
    clients = tuple(other._replace(answer=None, sent=False) if other.op == client.op else other for other in clients)
    return state._replace(clients=(*clients, client._replace(op=closed, received=0)))

"""What must hold in every state.

(a) acknowledged is in SQL and stays; (b) numbers are unique; (c) one operation id, one outcome; (d) a ticket is called
once; (e) at rest Redis agrees with SQL, or the next command sees STALE; (f) one order of the operations explains the
answers in real time, and at rest SQL too; (g) no more people than places; (h) rest can always be reached (search.py);
(i) no conflict is answered without a reason.
"""

from collections.abc import Iterator
from functools import cache
from itertools import permutations
from typing import Any, NamedTuple

from tests.model.hall import Hall
from tests.model.state import REFUSALS, Answer, Client, Row, State, StoredRow, show

History = tuple[tuple[str, Answer, tuple[str, ...]], ...]
Final = tuple[tuple[str, str, int], ...]


def broken(hall: Hall, state: State) -> Iterator[str]:
    """Yield every invariant that this state breaks."""
    yield from _broken_answers(state)
    rows = state.sql.rows
    if len({row.number for row in rows}) < len(rows):
        yield "(b) two tickets in SQL share a number"
    if len({row.maker for row in rows}) < len(rows):
        yield "(c) one operation made two tickets in SQL"
    if sum(row.status != "done" for row in rows) > hall.scenario.capacity:
        yield "(g) more people in SQL's hall than places"
    history = tuple((client.op, client.answer, client.before) for client in state.clients if client.sent)
    said = ", ".join(f"{op} {show(answer)}" for op, answer, _ in history if answer)
    first = hall.start().cur.data
    assert first is not None
    line = Line(first.rows, hall.scenario.fifo, hall.scenario.capacity)
    if not explained(line, history, None):
        yield f"(f) no order of the operations explains the answers: {said}"
    if hall.quiet(state):
        yield from _broken_rest(hall, state)
        final = tuple(sorted((row.maker, row.status, row.counter) for row in rows))
        if not explained(line, history, final):
            held = ", ".join(f"{show(row.ticket)} {row.status} {row.counter}" for row in rows)
            yield f"(f) quiet, no order of the operations explains the answers and SQL: {said}; SQL {held}"


def _broken_answers(state: State) -> Iterator[str]:
    by_id = {row.ticket: row for row in state.sql.rows}
    called: dict[Any, str] = {}
    for client in state.clients:
        op, answer = client.op, client.answer
        if answer is None:
            continue
        if any(event.op == op and event.answer != answer for event in state.sql.events):
            yield f"(c) {op} was answered {show(answer)}, yet SQL has another outcome"
        if answer == "conflict":
            yield f"(i) {op} was answered conflict, though nothing stands in its way"
        if answer in REFUSALS:
            continue
        yield from _broken_success(client, by_id.get(answer[1]))
        if answer[0] == "called":
            if answer[1] in called:
                yield f"(d) {show(answer[1])} acknowledged as called by {called[answer[1]]} and by {op}"
            called[answer[1]] = op


def _broken_success(client: Client, row: StoredRow | None) -> Iterator[str]:
    op, answer = client.op, client.answer
    if row is None or (answer[0] == "ticket" and row.number != answer[2]):
        yield f"(a) {op} was answered {show(answer)}, and that is not in SQL"
        return
    wanted = {"called": ("called", int(op[1])), "finished": ("done", 1)}.get(answer[0])
    if wanted and (row.status, row.counter) != wanted:
        yield f"(a) {op} was answered {show(answer)}; SQL says {row.status} by counter {row.counter}"


def _broken_rest(hall: Hall, state: State) -> Iterator[str]:
    data, sql = state.cur.data, state.sql
    if not data or not hall.redis.knows(state.cur, data.server) or data.epoch != sql.fence:
        return
    # A next version that SQL has already seen is refused there, and repaired before an answer.
    used = any(event[1:3] == (sql.fence, data.version + 1) for event in sql.events)
    live, stored = sorted(data.rows), sorted(row[:5] for row in sql.rows)
    if not (used and hall.rules.unique_version) and live != stored:
        yield f"(e) quiet, Redis {show(live)} and SQL {show(stored)} differ"


class Line(NamedTuple):
    """What a history is judged against: the tickets at the start, and the hall's rules."""

    rows: tuple[Row, ...]
    fifo: bool
    capacity: int


class Ticket(NamedTuple):
    maker: str
    status: str
    counter: int
    turn: int
    number: int


Tickets = dict[Any, Ticket]


@cache
def explained(line: Line, history: History, final: Final | None) -> bool:
    """Say whether one order of the answered operations gives the answers; unanswered ones may count or not."""
    done = [entry for entry in history if entry[1] is not None]
    unanswered = [entry for entry in history if entry[1] is None]
    for mask in range(1 << len(unanswered)):
        chosen = done + [entry for n, entry in enumerate(unanswered) if mask >> n & 1]
        for order in permutations(chosen):
            if _in_real_time(order) and _replay(line, order, final):
                return True
    return False


def _in_real_time(order: History) -> bool:
    at = {entry[0]: n for n, entry in enumerate(order)}
    return all(at.get(earlier, -1) < at[entry[0]] for entry in order for earlier in entry[2])


def _replay(line: Line, order: History, final: Final | None) -> bool:
    lines: list[Tickets] = [
        {row.ticket: Ticket(row.maker, row.status, row.counter, row.number, row.number) for row in line.rows}
    ]
    for op, answer, _ in order:
        lines = [after for tickets in lines for after in _play(line, tickets, op, answer)]
    if final is None:
        return bool(lines)
    return any(tuple(sorted(ticket[:3] for ticket in tickets.values())) == final for tickets in lines)


def _play(line: Line, tickets: Tickets, op: str, answer: Answer) -> Iterator[Tickets]:
    """Yield the lines that this operation, answered so, may leave."""
    if answer == "conflict":
        yield tickets
    elif op[0] == "i":
        yield from _issue(line, tickets, op, answer)
    elif op[0] == "f":
        yield from _finish(tickets, answer)
    else:
        yield from _call(line, tickets, op, answer)


def _issue(line: Line, tickets: Tickets, op: str, answer: Answer) -> Iterator[Tickets]:
    full = sum(ticket.status != "done" for ticket in tickets.values()) >= line.capacity
    # An unanswered issue has no ticket id here: it goes by the operation that made it, and ranks by order.
    key, number = ((op,), 0) if answer is None or answer in REFUSALS else answer[1:]
    if number and any(number <= ticket.number for ticket in tickets.values()):
        return
    if full and answer == "full":
        yield tickets
    elif not full and answer != "full":
        yield {**tickets, key: Ticket(op, "waiting", 0, len(tickets) + 1, number)}


def _finish(tickets: Tickets, answer: Answer) -> Iterator[Tickets]:
    first = tickets[("t1",)]
    if first.status == "called" and answer != "empty":
        yield {**tickets, ("t1",): first._replace(status="done", counter=1, turn=1)}
    elif first.status != "called" and (answer is None or answer in REFUSALS):
        yield tickets


def _call(line: Line, tickets: Tickets, op: str, answer: Answer) -> Iterator[Tickets]:
    waiting = sorted((ticket.turn, key) for key, ticket in tickets.items() if ticket.status == "waiting")
    if answer == "empty":
        if not waiting:
            yield tickets
        return
    for _, key in waiting[:1] if line.fifo else waiting:
        named = answer[1] if answer else key
        if named == key or (len(key) == 1 and named[0] == key[0]):
            yield {**tickets, key: tickets[key]._replace(status="called", counter=int(op[1]))}

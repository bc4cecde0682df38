"""What changes of the line cost: number, call, start and completion, over HTTP and into PostgreSQL."""

from collections.abc import Iterator
from functools import partial
from itertools import cycle
from statistics import median
from time import perf_counter
from typing import Final

import msgspec

from benchmarks.bench import taking
from benchmarks.load import Script, get, play, poster, repeated
from benchmarks.scaling.ground import CLIENTS, LOAD_S, ROUNDS, Ground
from benchmarks.scaling.spending import US, Spent, cheapest, cpu_s, lowest

COMMITS: Final = 200
READ: Final = 40


class _Called(msgspec.Struct):
    id: str


_called = msgspec.json.Decoder(_Called)


async def acts(ground: Ground) -> dict[str, float]:
    """Clients who visit one hall after the other, each another share of them."""
    await ground.rest()
    rounds: list[Spent] = []
    wal, size = await ground.written()
    changes = 0
    for _ in range(ROUNDS):
        spent, answers = await ground.load([_visits(ground, n) for n in range(CLIENTS)])
        rounds.append(spent.each(answers))
        changes += answers
    wal_now, size_now = await ground.written()
    each = cheapest(rounds)
    return {
        "act_service_us": US * each.service,
        "act_redis_us": US * each.redis,
        "act_sql_us": US * each.sql,
        "wal_bytes": (wal_now - wal) / changes,
        "sql_bytes": (size_now - size) / changes,
    }


async def bare(ground: Ground) -> dict[str, float]:
    """A POST that does nothing, to the app beside: what this machine is like just now."""
    make = taking(ground.halls[0])
    each = []
    for _ in range(ROUNDS):
        before = cpu_s(ground.bench.bare_app.pid)
        outcome = await play(ground.bench.bare, [repeated(make, LOAD_S) for _ in range(CLIENTS)])
        each.append((cpu_s(ground.bench.bare_app.pid) - before) / outcome.answers)
    return {"bare_us": US * min(each)}


async def commits(ground: Ground) -> dict[str, float]:
    """The one figure that is no CPU time: what a transaction waits for the disk."""
    await ground.database.execute("CREATE TABLE probe (n int)")
    took = []
    for n in range(COMMITS):
        begun = perf_counter()
        await ground.database.execute("INSERT INTO probe VALUES ($1)", n)
        took.append(perf_counter() - begun)
    return {"commit_ms": 1_000 * median(took)}


async def reads(ground: Ground) -> dict[str, float]:
    tickets = await ground.bench.take_numbers(ground.halls[0], READ)
    await ground.rest()
    requests = cycle([get(f"/api/v1/tickets/{ticket['id']}", ticket["token"]) for ticket in tickets])
    each = await lowest(ROUNDS, partial(_read, ground, requests))
    return {"read_service_us": US * each.service, "read_redis_us": US * each.redis}


async def _read(ground: Ground, requests: Iterator[bytes]) -> Spent:
    spent, answers = await ground.load([repeated(lambda: next(requests), LOAD_S) for _ in range(CLIENTS)])
    return spent.each(answers)


def _visits(ground: Ground, client: int) -> Script:
    """One visit after the other, in one hall after the other: number, call, start, completion."""
    end, token = perf_counter() + LOAD_S, ground.bench.token
    for hall in cycle(ground.halls[client::CLIENTS]):
        if perf_counter() > end:
            return
        yield taking(hall)()
        ticket = _called.decode((yield poster(f"/api/v1/counters/{hall}-1/calls", token=token)())).id
        for act in ("start", "completion"):
            yield poster(f"/api/v1/tickets/{ticket}/{act}", token=token)()

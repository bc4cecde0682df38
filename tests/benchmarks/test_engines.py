"""What `python -m benchmarks.engines` makes up, and how it compares."""

import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.engines import pool
from benchmarks.engines.history import row
from benchmarks.engines.pasts import fill_file
from benchmarks.engines.pool import LOADS
from benchmarks.engines.timing import Clients, Seen, medians
from benchmarks.past import DAYS, LIVE_DAYS, Past
from o2o.kernel.postgres import CONNECTIONS


async def test_a_year_is_in_the_live_tables_and_the_archive_and_each_ticket_once(tmp_path: Path) -> None:
    past = Past(tickets=10 * DAYS, overdue=3)
    await fill_file(f"sqlite://{tmp_path}/o2o.db", past)

    with closing(sqlite3.connect(tmp_path / "o2o.db")) as client:
        counts = {
            table: client.execute(f"SELECT count(*), count(DISTINCT id) FROM {table}").fetchone()
            for table in ("tickets", "archived_tickets", "events", "archived_events")
        }
        live_days = client.execute("SELECT count(DISTINCT day) FROM tickets").fetchone()
    live = 10 * (LIVE_DAYS - 2 + 3)
    assert live_days == (LIVE_DAYS - 2 + 3,)
    assert counts == {
        "tickets": (live, live),
        "archived_tickets": (10 * DAYS - live, 10 * DAYS - live),
        "events": (4 * live, 4 * live),
        "archived_events": (40 * DAYS - 4 * live, 40 * DAYS - 4 * live),
    }


def test_clients_are_timed_from_question_to_answer() -> None:
    clients = Clients(seconds=0.05)
    (script,) = clients.asking(lambda: b"?", 1)
    next(script)
    for _ in range(2):
        script.send(b"!")

    seen = clients.seen()
    assert seen.per_second == 2 / 0.05
    assert 0 < seen.p50_ms <= seen.p99_ms < 50


def test_medians_of_rounds_are_taken_one_by_one() -> None:
    assert medians([Seen(1, 30, 7), Seen(3, 10, 9), Seen(2, 20, 8)]) == Seen(2, 20, 8)


def test_a_row_has_the_ratio_of_the_medians_and_that_of_the_rounds_furthest_apart() -> None:
    rounds = [((90.0, 5.0), (100.0, 4.0)), ((50.0, 6.0), (100.0, 4.0)), ((80.0, 7.0), (80.0, 4.0))]

    assert row("numbers", rounds) == ["numbers", "80/s, 6 ms", "100/s, 4 ms", "0.80", "0.50 to 1.00"]


def test_a_pool_is_compared_with_the_usual_one_of_the_same_round() -> None:
    usual, other = (
        [{load: pool.Turn(Seen(rate, 5, 9), cpu_us=rate) for load in LOADS} for rate in rates]
        for rates in ((10, 40), (20, 60))
    )
    rate = "40/s (1.75: 1.5 to 2.0), 9 ms"

    assert pool.row(2, {2: other, CONNECTIONS: usual}) == ["2", *[f"{rate}, 20 µs"] * 3, rate, rate]

"""Each figure of docs/operating.md is what the code, a file of deploy/ or a record says: none stands there alone."""

import re
from math import ceil
from pathlib import Path
from typing import Final

from uvicorn import Config

from benchmarks.engines import page as engines
from booking.jobs import SETTLE_S
from booking.service.days import CHUNK as RESET_AT_ONCE
from booking.store import UNSETTLED_MS
from messages.claims import LEASE_MS, MOST_TRIES
from o2o.commands.serving import GRACE_S, SILENT_S
from o2o.doctor import disk, halls, redis, sql
from o2o.doctor import messages as doctors_messages
from o2o.kernel import archive, asking, cluster, health, leader, migrating, postgres, sentinel
from o2o.kernel.settings import read_settings
from o2o.worker import ARCHIVE_S, FINISH_S
from orders import watching
from orders.delivery.following import RETRY_MS
from qr.scans import WRITE_S
from staff.sessions import KEPT
from tests.figures import MEASURE, missing, unbacked
from tests.nodes import DOWN_AFTER_MS, NODE_TIMEOUT_MS
from websocket.clients import RULES
from websocket.outbox import CLOSE_DEADLINE_S, LINGER_S, SEND_DEADLINE_S

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs" / "operating.md").read_text()
DEPLOY: Final = ROOT / "deploy"


def found(pattern: str, *path: str) -> str:
    """What a file of deploy/ says there."""
    match = re.search(pattern, DEPLOY.joinpath(*path).read_text())
    assert match, pattern
    return match[1]


WORDS: Final = {2: "two", 6: "six", 10: "ten", 12: "twelve"}
DEFAULTS: Final = read_settings({})
LEFT_OUT_S: Final = found(r"fail_timeout=(\d+)s", "nginx", "o2o.conf")
NIGHTLY: Final = found(r"OnCalendar=\S+ (\S+)", "systemd", "o2o-backup.timer")
BACKUPS_KEPT: Final = found(r"--keep (\d+)", "systemd", "o2o-backup.service")
PINGS: Final = Config("", ws="none")
SETTLED_S: Final = SETTLE_S + UNSETTLED_MS / 1000
SQLITE: Final = engines.read()["sqlite"]
CELLS: Final = {row[0]: row[1] for row in SQLITE.table.rows}


def phrases() -> list[str]:
    return [*of_processes(), *of_the_doctor(), *of_time(), *of_sql(), *of_redis(), *of_a_large_file()]


def of_processes() -> list[str]:
    ping, pong = PINGS.ws_ping_interval or 0, PINGS.ws_ping_timeout or 0
    return [
        f"requests under way get up to {GRACE_S} s",
        f"ends what is under way ({GRACE_S} s at most)",
        f"has said nothing for {SILENT_S} s",
        f"somebody waited {asking.ANSWER_S:.0f} s for their turn",
        f"above the drain and {GRACE_S + FINISH_S:.0f} s more",
        f"and 5 s more: nginx leaves a host out for {LEFT_OUT_S} s",  # The five are advice.
        f"asks SQL and Redis ({health.PATIENCE_S} s each)",
        f"within about {SETTLED_S:.0f} s, or {SETTLED_S + leader.LASTS_S + leader.PULSE_S:.0f} s",
        f"the bar after {RULES.silence:.0f} s at most",
        f"cut within {5 * ceil((SEND_DEADLINE_S + CLOSE_DEADLINE_S + LINGER_S) / 5)} s",
        f"without a word within {ping + pong:.0f} s",
        f"each next one twice as long and {RULES.longest_wait:.0f} s at most",
        f"kept and tried again in {WRITE_S:.0f} s",
    ]


def of_the_doctor() -> list[str]:
    return [
        f"less than {disk.NONE // disk.MIB} MiB are left",
        f"less than {disk.LITTLE // disk.MIB} MiB are left",
        f"longer ago than {sql.BACKUP_MS // 3_600_000} hours",
        f"{redis.NEARLY_FULL:.0%}, {redis.FULL:.0%} of its memory".replace("%", " %"),
        f"wait for longer than {halls.ORPHAN_MS // 1000} s",
        f"due for {WORDS[doctors_messages.LATE.seconds // 60]} minutes",
        f"should be there by {WORDS[sql.BEHIND_DAYS]} days",
    ]


def of_time() -> list[str]:
    return [
        f"asked again in {WORDS[RETRY_MS // 60_000]} minutes",
        f"took longer than {WORDS[LEASE_MS // 60_000]} minutes",
        f"after {WORDS[MOST_TRIES]} tries",
        f"ended, {RESET_AT_ONCE} at a time",
        f"every night at {NIGHTLY}",
        f"keeps {BACKUPS_KEPT}.",
        f"({DEFAULTS.archive_days}) move to the tables",
        f"moves {archive.CHUNK / ARCHIVE_S:,.0f} rows a second at most",
        f"in the archive after {DEFAULTS.archive_days} days",
        f"ended {KEPT.days} days ago",
        f"waited {watching.KEPT.days} days in vain",
        f"after they were told; after {watching.KEPT.days} days in vain",
    ]


def of_sql() -> list[str]:
    limits = migrating.USUAL
    return [
        f"waits for a lock for at most {limits.lock_s:.0f} s",
        f"{WORDS[migrating.ATTEMPTS]} times in half a minute",
        f"a statement may take {limits.statement_s:.0f} s",
        f"connections ({DEFAULTS.connections}), as it needs them",
        # Which wait is which, `tests/kernel/test_postgres.py` says.
        *(f"| {seconds:.0f} s |" for seconds in (postgres.CONNECT_S, postgres.COMMAND_S)),
        *(f"| {limit.removesuffix('s')} s |" for name, limit in postgres.SESSION.items() if name.endswith("_timeout")),
    ]


def of_redis() -> list[str]:
    every = {1.0: "every second"}[sentinel.WATCH_S]
    return [
        f"asks the sentinels {every}",
        f"waits up to {cluster.MOVING_S:.0f} s, then hears 503",
    ]


def of_a_large_file() -> list[str]:
    """Of the run that is recorded: its visits are those that it was asked for, or a million."""
    asked = dict(setting.split("=") for setting in SQLITE.settings)
    visits = int(asked.get("past", 1_000_000))
    years = visits / 200 / 365
    return [
        f"about {float(CELLS['in SQL, GB']) * 1e6 / visits:.0f} kB a visit",
        f"{CELLS['`o2o backup`']} and {CELLS['`VACUUM`, nobody else there']} for the {visits:,} visits",
        f"200 visits a day comes to that in {years:.0f} years",
    ]


def test_the_page_says_what_the_code_says() -> None:
    assert missing(PAGE, phrases()) == []


def test_every_length_size_and_share_on_the_page_is_backed() -> None:
    assert unbacked(PAGE, phrases(), MEASURE) == []


def test_how_fast_the_tests_clusters_notice_is_as_the_page_says() -> None:
    assert f"`cluster-node-timeout {NODE_TIMEOUT_MS}`" in PAGE
    assert f"`down-after-milliseconds {DOWN_AFTER_MS}`" in PAGE


def test_half_a_minute_is_what_all_attempts_of_a_migration_wait() -> None:
    assert sum(migrating.PAUSE_S * 2**n for n in range(migrating.ATTEMPTS - 1)) == 31
    assert RULES.first_wait == 0.5


def test_a_figure_that_nothing_backs_is_found() -> None:
    page = "Waits 5 s, then 7 s.\n\n    5 s\n\n`9 s` [x](a 3 s)\n"

    assert unbacked(page, ["Waits 5 s"], MEASURE) == [" , then 7 s"]
    assert missing(page, ["Waits 5 s", "Waits 6 s"]) == ["Waits 6 s"]

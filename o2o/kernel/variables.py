"""Every environment variable in one table: name, default, help. docs/configuration.md is held to it by a test."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    default: str
    help: str
    secret: bool = False


_TABLE: Final = (
    Variable(
        "O2O_ENV",
        "development",
        "development or production. Production refuses whatever is only safe to try out.",
    ),
    Variable("O2O_HOST", "127.0.0.1", "The address to listen on. 0.0.0.0 lets phones in the same network in."),
    Variable("O2O_PORT", "8000", "The port to listen on."),
    Variable(
        "O2O_DATA_DIR",
        "./var",
        "The folder for SQLite, the embedded Redis's log and the secret key that is kept.",
    ),
    Variable(
        "O2O_DATABASE_URL",
        "",
        "sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME. Unset: o2o.db in the data folder.",
        secret=True,
    ),
    Variable(
        "O2O_DATABASE_CONNECTIONS",
        "10",
        "How many connections to PostgreSQL each process may open, 2 to 200. Of no use with SQLite.",
    ),
    Variable(
        "O2O_REDIS_URL",
        "",
        "redis://, rediss:// or unix://; redis+cluster://HOST:PORT,HOST:PORT or redis+sentinel://HOST:PORT,HOST:PORT/"
        "SERVICE. Unset: an embedded Redis, stopped with the service.",
        secret=True,
    ),
    Variable(
        "O2O_WORKERS",
        "1",
        "How many processes serve on the port, 1 to 256. One that dies is started again.",
    ),
    Variable(
        "O2O_SECRET_KEY",
        "",
        "Keys of at least 32 characters, separated by commas: the first signs, all verify. Unset: made and "
        "kept in the data folder; production refuses that.",
        secret=True,
    ),
    Variable(
        "O2O_BASE_URL",
        "",
        "The address people reach the service at; printed in codes, compared with Origin. Unset: derived from "
        "host and port; production refuses that.",
    ),
    Variable(
        "O2O_TRUSTED_PROXIES",
        "127.0.0.1",
        "Proxies whose X-Forwarded-* headers are believed: addresses or networks, separated by commas.",
    ),
    Variable("O2O_DEMO", "", "1 loads the demo halls, and refuses a database that holds anything else."),
    Variable("O2O_DEMO_PASSWORD", "demo-password", "The password of the demo's sign-ins.", secret=True),
    Variable("O2O_RATE_LIMITS", "on", "off takes away the limits per address, phone and device: for load tests only."),
    Variable(
        "O2O_LOCK_MINUTES",
        "10",
        "After so long without a touch a staff member's browser asks for their PIN or password. Up to 240; 0: never.",
    ),
    Variable(
        "O2O_DRAIN_SECONDS",
        "0",
        "How long it serves on after SIGTERM while /readyz says 503, so that a proxy that asks it notices. Up to 60.",
    ),
    Variable(
        "O2O_ARCHIVE_DAYS",
        "35",
        "Tickets and events move to the archive's tables when they are so many days old. 7 to 3650; 0: never.",
    ),
    Variable(
        "O2O_SMTP_URL",
        "",
        "smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://USER:PASSWORD@HOST:465: the server that takes e-mail. "
        "Unset: nothing is sent, and /outbox shows what would be.",
        secret=True,
    ),
    Variable("O2O_MAIL_FROM", "", "Who e-mail is from: a name and an address, such as o2o <hall@example.com>."),
    Variable(
        "O2O_MESSAGES_DAYS",
        "30",
        "After so many days the address that a message went to is erased, and the phone number and name of a ticket "
        "that has ended; what was said, and when, stays. 1 to 3650.",
    ),
    Variable(
        "O2O_CONTACTS_DAYS",
        "180",
        "After so many days without a change the name, phone number and address of an order of which nothing is under "
        "way or owed are erased; the order stays. 1 to 3650.",
    ),
    Variable(
        "O2O_KUAIDI100_KEY",
        "",
        "The key of an account with Kuaidi100, which then follows parcels. Unset: staff enter what becomes of them.",
        secret=True,
    ),
    Variable("O2O_KUAIDI100_CUSTOMER", "", "The customer's number that goes with the key."),
    Variable("O2O_KUAIDI100_URL", "https://poll.kuaidi100.com", "Where Kuaidi100 is asked."),
    Variable("O2O_DISPLAY_TOKEN", "", "The token of a paired display, for `o2o display`.", secret=True),
)

VARIABLES: Final = {variable.name: variable for variable in _TABLE}
"""By name, in the order in which `o2o doctor` lists them."""

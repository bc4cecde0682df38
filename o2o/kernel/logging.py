"""Logging: one JSON object a line, or one readable line on a terminal. Constant event names, data in `extra`, ids only.

A record says what happened in its message (`commit_failed`); whatever else there is to say stands in fields beside it.
"""

import logging
import logging.config
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from typing_extensions import override

from o2o.kernel.access import AccessLog, as_json, as_text

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that the running task serves."""

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_encode: Final = msgspec.json.Encoder(enc_hook=repr).encode


class JsonFormatter(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **fields(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return _encode(line).decode()


class TerminalFormatter(logging.Formatter):
    """`10:40:12 warning commit_failed tag=hall:heping`, and a traceback where there is one."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        moment = self.formatTime(record, "%H:%M:%S")
        data = " ".join(f"{name}={value}" for name, value in fields(record).items())
        line = f"{moment} {record.levelname.lower():7} {record.getMessage()} {data}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller passed as `extra`, and the request it belongs to."""
    found = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if "request" not in found and (current := request_id.get()):
        found["request"] = current
    return found


def access_log(*, demo: bool = False) -> AccessLog | None:
    """The access log on standard error; none for a demo on a terminal."""
    terminal = sys.stderr.isatty()
    if demo and terminal:
        return None
    return AccessLog(as_text if terminal else as_json, _write)


def configure_logging(*, demo: bool = False) -> None:
    """Send all logging to standard error, and have Python's warnings logged too.

    A demo on a terminal says only what is wrong, so that the addresses it printed stay in sight.
    """
    terminal = sys.stderr.isatty()
    formatter = TerminalFormatter if terminal else JsonFormatter
    level = "WARNING" if demo and terminal else "INFO"
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": formatter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": level, "handlers": ["stderr"]},
            "loggers": {
                # Our own middleware logs each request with its route, never with its address.
                "uvicorn.access": {"level": "WARNING", "propagate": False},
                "uvicorn.error": {"level": "WARNING"},
                # It says every run of every job, and each second again that one still waits for SQL or Redis.
                "apscheduler": {"level": "ERROR"},
                # A trace each second while PostgreSQL is away, which others say in a line.
                "asyncpg": {"level": "ERROR"},
                # Clients log whole addresses.
                "httpx2": {"level": "WARNING"},
                "tortoise": {"level": "WARNING"},
            },
        }
    )
    logging.captureWarnings(capture=True)


def _write(lines: bytes) -> None:
    sys.stderr.write(lines.decode())
    sys.stderr.flush()

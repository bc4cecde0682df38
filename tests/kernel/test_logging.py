"""A line says what happened, in which request, and is JSON for machines."""

import json
import logging
import sys

from o2o.kernel.logging import JsonFormatter, TerminalFormatter, request_id


def record(event: str, **data: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "booking", "levelname": "INFO", "msg": event, **data})
    made.created = 0.0
    return made


def test_a_line_is_one_json_object() -> None:
    line = json.loads(JsonFormatter().format(record("ticket_issued", hall="heping", count=3)))

    assert line == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "logger": "booking",
        "event": "ticket_issued",
        "hall": "heping",
        "count": 3,
    }


def test_a_line_names_the_request_that_it_belongs_to() -> None:
    token = request_id.set("proxy-0815")

    line = json.loads(JsonFormatter().format(record("ticket_issued")))

    request_id.reset(token)
    assert line["request"] == "proxy-0815"


def test_what_json_can_not_say_is_said_as_text() -> None:
    line = json.loads(JsonFormatter().format(record("odd", thing=object)))

    assert line["thing"] == "<class 'object'>"


def test_a_failure_has_its_trace_in_the_same_line() -> None:
    try:
        int("what went wrong")
    except ValueError:
        failed = record("job_failed", exc_info=sys.exc_info())

    line = JsonFormatter().format(failed)

    assert "\n" not in line
    assert "what went wrong" in json.loads(line)["trace"]


def test_a_person_reads_the_same_in_one_line() -> None:
    assert TerminalFormatter().format(record("ticket_issued", hall="heping")).endswith("ticket_issued hall=heping")

"""A cookie speaks only for our own pages."""

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from websocket.origin import comes_from_us

BASE = "https://o2o.example"


def handshake(**headers: str) -> "HTTPConnection[Any]":
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "websocket", "headers": raw})


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "o2o.example", "origin": "https://o2o.example"},
        {"host": "internal:8000", "origin": "https://O2O.example"},
        {"host": "192.168.1.5:8000", "origin": "http://192.168.1.5:8000"},
        {"host": "o2o.example", "authorization": "Bearer token"},
        {"host": "o2o.example"},
    ],
)
def test_our_pages_and_programs_with_their_own_right_come_in(headers: dict[str, str]) -> None:
    assert comes_from_us(handshake(**headers), BASE)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "o2o.example", "origin": "https://evil.example"},
        {"host": "o2o.example", "origin": "https://evil.example", "authorization": "Bearer token"},
        {"host": "o2o.example", "origin": "https://o2o.example.evil.example"},
        {"host": "o2o.example", "origin": "https://o2o.example:8443"},
        {"host": "o2o.example", "origin": "null"},
        {"host": "o2o.example", "origin": ""},
        {"host": "o2o.example", "origin": "https://["},
        {"host": "o2o.example", "origin": "file://o2o.example"},
        {"host": "o2o.example", "cookie": "session=mine"},
    ],
)
def test_everybody_else_stays_out(headers: dict[str, str]) -> None:
    assert not comes_from_us(handshake(**headers), BASE)

"""Whether a cookie of ours goes over https only."""

import pytest
from starlette.requests import HTTPConnection

from o2o.kernel.settings import read_settings
from o2o.kernel.state import is_https


@pytest.mark.parametrize(
    ("base_url", "scheme", "expected"),
    [
        ("https://hall.example", "http", True),  # A proxy ends it, and nobody told us to trust what that says.
        ("https://hall.example", "https", True),
        ("http://127.0.0.1:8000", "wss", True),
        ("http://127.0.0.1:8000", "http", False),
        ("http://127.0.0.1:8000", "ws", False),
    ],
)
def test_it_does_where_either_says_https(
    base_url: str, scheme: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("O2O_BASE_URL", base_url)

    connection = HTTPConnection({"type": "http", "scheme": scheme, "state": {"settings": read_settings()}})

    assert is_https(connection) is expected

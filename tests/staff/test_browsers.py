"""Where a request comes from, as limits count it."""

import pytest
from starlette.requests import HTTPConnection

from staff.browsers import address_of


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("no:address", "no:address"),
    ],
)
def test_all_of_one_lines_addresses_are_one(address: str, counted: str) -> None:
    assert address_of(HTTPConnection({"type": "http", "client": (address, 4711)})) == counted


def test_who_comes_by_no_network_is_counted_too() -> None:
    assert address_of(HTTPConnection({"type": "http"})) == "unknown"

"""One table of close codes, for the server and the pages."""

from websocket.closing import FIRST_FINAL, Close, close_codes


def test_clients_come_back_below_4500_and_not_above() -> None:
    final = {close for close in Close if close >= FIRST_FINAL}

    assert final == {Close.NO_RIGHT, Close.REVOKED, Close.NOT_FOUND}
    assert all(4000 <= close < 5000 for close in Close)


def test_pages_get_the_whole_table() -> None:
    assert close_codes()["slow_reader"] == 4408
    assert set(close_codes()) == {close.name.lower() for close in Close} | {"first_final"}


def test_a_reason_fits_a_close_frame() -> None:
    assert Close.SLOW_READER.reason == "slow reader"
    assert all(len(close.reason.encode()) <= 123 for close in Close)

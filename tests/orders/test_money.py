import msgspec
import pytest

from orders.money import Money, amount_of, fen_of, money, price


@pytest.mark.parametrize(("fen", "amount"), [(0, "0.00"), (5, "0.05"), (12900, "129.00"), (-250, "-2.50")])
def test_fen_are_shown_as_yuan_with_two_places(fen: int, amount: str) -> None:
    assert amount_of(fen) == amount
    assert money(fen) == Money(amount, "CNY")


@pytest.mark.parametrize("fen", [0, 1, 99, 100, 12345, 99_999_999_999])
def test_what_was_shown_reads_back_to_the_fen(fen: int) -> None:
    assert fen_of(money(fen)) == fen


@pytest.mark.parametrize("amount", ["129", "129.0", "-1.00", "01.00", "1e2", "129.000", "1,000.00", "129.00\n", "١.٠٠"])
def test_an_amount_has_one_writing_only(amount: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"amount": amount, "currency": "CNY"}, Money)


@pytest.mark.parametrize(("fen", "read"), [(12900, "¥129"), (1250, "¥12.50"), (499900, "¥4,999"), (-300, "−¥3")])
def test_people_read_a_price_without_needless_noughts(fen: int, read: str) -> None:
    assert price(fen) == read

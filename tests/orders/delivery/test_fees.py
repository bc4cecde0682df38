"""What delivery costs."""

import pytest

from orders.delivery.fees import DEFAULT, Rate, fee, rate_for, way
from orders.delivery.windows import Way

FAR = Rate("xinjiang", 2500, None, 6)


def test_a_province_has_its_own_rate_or_the_one_for_everywhere() -> None:
    everywhere = Rate("*", 800, 5000, 2)

    assert rate_for("xinjiang", {"xinjiang": FAR, "*": everywhere}) == FAR
    assert rate_for("hebei", {"xinjiang": FAR, "*": everywhere}) == everywhere
    assert rate_for("hebei", {"xinjiang": FAR}) == DEFAULT


@pytest.mark.parametrize(("goods", "expected"), [(0, 1200), (9899, 1200), (9900, 0), (10_000, 0)])
def test_it_is_free_from_a_total_on(goods: int, expected: int) -> None:
    assert fee(DEFAULT, goods) == expected


def test_without_such_a_total_it_is_never_free() -> None:
    assert fee(FAR, 10_000_000) == 2500


def test_a_courier_brings_it_within_a_municipality_alone() -> None:
    assert way(DEFAULT, source="tianjin", target="tianjin") == Way(0, courier=True)
    assert way(DEFAULT, source="hebei", target="hebei") == Way(1)
    assert way(DEFAULT, source="tianjin", target="hebei") == Way(3)
    assert way(FAR, source=None, target="xinjiang") == Way(6)

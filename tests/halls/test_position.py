import pytest

from halls.position import distance_m


def test_a_place_is_no_distance_from_itself() -> None:
    assert distance_m((39.1162, 117.2084), (39.1162, 117.2084)) == 0


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance_m((39, 117), (40, 117)) == pytest.approx(111_195, rel=1e-4)


def test_heping_and_nankai_are_six_kilometres_apart() -> None:
    assert distance_m((39.1162, 117.2084), (39.1371, 117.1443)) == pytest.approx(5_995, abs=30)


def test_the_date_line_is_no_barrier() -> None:
    assert distance_m((0, 179.9), (0, -179.9)) == pytest.approx(22_239, rel=1e-3)


def test_the_other_end_of_the_earth_is_half_its_girth() -> None:
    assert distance_m((0, 0), (0, 180)) == pytest.approx(20_015_114, rel=1e-6)

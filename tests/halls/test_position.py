import pytest

from halls.position import Position, distance_m, gcj02, in_china


def wgs84(shifted: Position) -> Position:
    """Back from GCJ-02, by trying."""
    lat, lon = shifted
    for _ in range(5):
        again = gcj02((lat, lon))
        lat, lon = lat - (again[0] - shifted[0]), lon - (again[1] - shifted[1])
    return lat, lon


def test_a_place_is_no_distance_from_itself() -> None:
    assert distance_m((39.1162, 117.2084), (39.1162, 117.2084)) == 0


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance_m((39, 117), (40, 117)) == pytest.approx(111_195, rel=1e-4)


def test_heping_and_nankai_are_six_kilometres_apart() -> None:
    assert distance_m((39.1162, 117.2084), (39.1371, 117.1443)) == pytest.approx(5_995, abs=30)


@pytest.mark.parametrize(
    ("place", "on_the_map"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
    ids=["Shanghai", "Shenzhen", "Beijing"],
)
def test_chinese_maps_draw_a_place_where_everybody_found_it(place: Position, on_the_map: Position) -> None:
    assert distance_m(gcj02(place), on_the_map) < 0.01
    assert 300 < distance_m(gcj02(place), place) < 700


@pytest.mark.parametrize("lat", [20, 25, 30, 35, 40, 45])
@pytest.mark.parametrize("lon", [85, 100, 110, 118, 125])
def test_there_and_back_again_is_within_a_metre(lat: float, lon: float) -> None:
    place = (lat + 0.123, lon + 0.456)

    assert distance_m(wgs84(gcj02(place)), place) < 1


@pytest.mark.parametrize(
    "place",
    [
        (39.1162, 117.2084),  # Tianjin
        (53.48, 122.37),  # Mohe
        (50.24, 127.50),  # Heihe
        (48.36, 134.31),  # Fuyuan
        (42.86, 130.37),  # Hunchun
        (40.12, 124.38),  # Dandong
        (37.16, 122.48),  # Rongcheng
        (30.72, 122.45),  # Shengsi
        (25.50, 119.79),  # Pingtan
        (22.54, 114.06),  # Shenzhen
        (18.25, 109.51),  # Sanya
        (21.55, 107.97),  # Dongxing
        (22.53, 103.96),  # Hekou
        (21.48, 101.56),  # Mengla
        (24.01, 97.85),  # Ruili
        (29.65, 91.11),  # Lhasa
        (27.49, 88.91),  # Yadong
        (30.29, 81.18),  # Purang
        (37.77, 75.23),  # Tashkurgan
        (39.47, 75.99),  # Kashgar
        (44.21, 80.41),  # Khorgas
        (46.75, 82.98),  # Tacheng
        (47.85, 88.14),  # Altay
        (42.83, 93.51),  # Hami
        (41.96, 101.07),  # Ejina
        (43.65, 111.97),  # Erenhot
        (49.59, 117.44),  # Manzhouli
    ],
)
def test_a_town_of_china_is_in_china(place: Position) -> None:
    assert in_china(place)


@pytest.mark.parametrize(
    "place",
    [
        (25.03, 121.56),  # Taipei
        (37.57, 126.98),  # Seoul
        (39.02, 125.75),  # Pyongyang
        (35.68, 139.69),  # Tokyo
        (43.12, 131.89),  # Vladivostok
        (52.29, 104.28),  # Irkutsk
        (47.92, 106.92),  # Ulaanbaatar
        (43.24, 76.89),  # Almaty
        (42.87, 74.59),  # Bishkek
        (28.61, 77.21),  # Delhi
        (27.72, 85.32),  # Kathmandu
        (21.97, 96.08),  # Mandalay
        (21.03, 105.85),  # Hanoi
        (1.35, 103.82),  # Singapore
        (51.51, -0.13),  # London
        (0.0, 0.0),
    ],
)
def test_outside_china_a_place_is_where_it_is(place: Position) -> None:
    assert gcj02(place) == place

"""Positions on the earth: WGS-84 degrees, (lat, lon), everywhere but on Chinese maps."""

from itertools import pairwise
from math import asin, cos, pi, radians, sin, sqrt
from typing import Final

EARTH_RADIUS_M = 6_371_008.8  # The mean radius; a sphere is within 0.5 % of the truth.

Position = tuple[float, float]

_KRASOVSKY_M: Final = 6_378_245.0
_KRASOVSKY_E2: Final = 0.006693421622965943
# Mainland China in rough strokes, (lon, lat), by sea with its waters; good to some 30 km.
# fmt: off
_CHINA: Final = (
    (121.0, 53.6), (123.5, 53.8), (126.0, 53.0), (127.7, 50.3), (130.9, 48.9), (131.2, 47.9), (135.2, 48.6),
    (133.3, 45.0), (131.4, 44.8), (131.3, 42.9), (130.7, 42.2), (129.6, 42.2), (128.3, 41.2), (126.8, 41.5),
    (124.6, 39.9), (123.6, 37.5), (123.6, 30.0), (122.0, 26.8), (119.9, 25.0), (118.0, 23.8), (114.6, 21.8),
    (111.8, 19.5), (109.8, 17.6), (108.3, 18.3), (108.0, 21.4), (106.6, 21.8), (105.3, 23.1), (104.0, 22.4),
    (102.4, 22.5), (101.8, 21.1), (100.0, 21.4), (98.9, 22.2), (98.7, 23.6), (97.4, 23.9), (97.4, 25.0),
    (98.5, 27.3), (97.0, 27.9), (95.0, 28.9), (91.6, 27.7), (88.9, 27.2), (87.9, 27.9), (85.9, 27.8),
    (84.0, 28.7), (81.1, 30.0), (78.5, 31.6), (78.9, 33.5), (77.8, 35.4), (75.9, 35.8), (74.7, 37.1),
    (73.4, 38.5), (73.5, 39.6), (76.4, 40.3), (78.3, 41.2), (80.1, 42.1), (80.2, 43.2), (80.3, 45.0),
    (82.4, 45.2), (82.3, 46.9), (83.0, 47.3), (85.4, 47.1), (85.6, 48.3), (87.0, 49.3), (88.0, 49.2),
    (91.0, 47.1), (91.1, 45.3), (95.4, 44.4), (96.5, 42.9), (101.6, 42.7), (105.0, 41.7), (107.5, 42.6),
    (110.0, 42.8), (112.0, 43.8), (111.4, 44.4), (112.5, 45.2), (114.5, 45.5), (116.2, 46.4), (119.8, 46.9),
    (118.5, 48.0), (115.5, 47.8), (115.6, 48.3), (117.4, 49.8), (119.2, 50.3), (120.0, 51.6), (121.0, 53.6),
)
# fmt: on


def distance_m(one: Position, other: Position) -> float:
    """Metres along the great circle between two (lat, lon), by the haversine formula."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def gcj02(position: Position) -> Position:
    """Where Chinese maps draw the place: GCJ-02, some hundred metres off in China, the same outside.

    By the formula that the public found out; it is good to a metre or so.
    """
    if not in_china(position):
        return position
    lat, lon = position
    x, y = lon - 105, lat - 35
    ripple = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    waves_north = 20 * sin(pi * y) + 40 * sin(pi * y / 3) + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)
    waves_east = 20 * sin(pi * x) + 40 * sin(pi * x / 3) + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + (ripple + waves_north) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + (ripple + waves_east) * 2 / 3
    flat = 1 - _KRASOVSKY_E2 * sin(radians(lat)) ** 2
    a_degree_north_m = radians(_KRASOVSKY_M * (1 - _KRASOVSKY_E2) / (flat * sqrt(flat)))
    a_degree_east_m = radians(_KRASOVSKY_M / sqrt(flat) * cos(radians(lat)))
    return lat + north_m / a_degree_north_m, lon + east_m / a_degree_east_m


def in_china(position: Position) -> bool:
    """Whether Chinese maps shift the place: on the mainland, as far as its rough outline tells."""
    lat, lon = position
    inside = False
    for (lon1, lat1), (lon2, lat2) in pairwise(_CHINA):
        if (lat1 > lat) != (lat2 > lat) and lon < lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1):
            inside = not inside
    return inside

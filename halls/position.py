"""Distances on the earth. All positions are WGS-84 degrees."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8  # The mean radius; a sphere is within 0.5 % of the truth.

Position = tuple[float, float]


def distance_m(one: Position, other: Position) -> float:
    """Metres along the great circle between two (lat, lon), by the haversine formula."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))

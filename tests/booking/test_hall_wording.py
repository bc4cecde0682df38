"""Halls as pages say them."""

from urllib.parse import parse_qs, urlsplit

from booking.hall_wording import map_url
from halls.position import distance_m, gcj02
from tests.halls.documents import hall

TIANJIN = (39.1162, 117.2084)
LONDON = (51.507400, -0.127800)


def test_a_chinese_map_is_told_where_chinese_maps_draw_the_hall() -> None:
    link = urlsplit(map_url(hall(), "zh-CN"))
    told = parse_qs(link.query)
    lon, lat = map(float, told["position"][0].split(","))

    assert (link.hostname, told["coordinate"], told["name"]) == ("uri.amap.com", ["gaode"], ["和平营业厅"])
    assert distance_m((lat, lon), gcj02(TIANJIN)) < 0.2
    assert distance_m((lat, lon), TIANJIN) > 300


def test_a_chinese_map_draws_a_hall_abroad_where_it_is() -> None:
    abroad = hall(lat=LONDON[0], lon=LONDON[1])

    assert parse_qs(urlsplit(map_url(abroad, "zh-CN")).query)["position"] == ["-0.127800,51.507400"]


def test_openstreetmap_is_told_the_place_as_it_is() -> None:
    assert "mlat=39.1162&mlon=117.2084" in map_url(hall(), "en")

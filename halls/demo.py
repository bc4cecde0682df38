"""The demo's halls: examples, named after Tianjin's districts and standing at those districts' real places (WGS-84).

No operator has a hall there; the address says so. Ids, services and counters are fixed, so that scripts can use them.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from halls.fields import Always
from halls.schemas import CounterInput, HallInput, Names, ServiceInput, Week

SERVICES: Final = (
    ServiceInput(id="sim", prefix="A", names=Names(zh="手机卡与号码", en="SIM cards and numbers")),
    ServiceInput(id="bill", prefix="B", names=Names(zh="缴费与账单", en="Bills and payments")),
    ServiceInput(id="broadband", prefix="C", names=Names(zh="宽带业务", en="Broadband")),
    ServiceInput(id="device", prefix="D", names=Names(zh="手机与配件", en="Phones and accessories")),
)

_OFFICE: Final = (("09:00", "17:30"),)
_WEEKEND: Final = (("09:30", "16:00"),)
_SHOP: Final = (("09:00", "20:00"),)
_HALVES: Final = (("09:00", "12:00"), ("13:00", "17:30"))

OFFICE_HOURS: Final = Week(mon=_OFFICE, tue=_OFFICE, wed=_OFFICE, thu=_OFFICE, fri=_OFFICE, sat=_WEEKEND, sun=_WEEKEND)
SHOP_HOURS: Final = Week(mon=_SHOP, tue=_SHOP, wed=_SHOP, thu=_SHOP, fri=_SHOP, sat=_SHOP, sun=_SHOP)
WITH_A_BREAK: Final = Week(mon=_HALVES, tue=_HALVES, wed=_HALVES, thu=_HALVES, fri=_HALVES, sat=(("09:00", "12:00"),))


class _District(NamedTuple):
    zh: str
    en: str
    lat: float
    lon: float
    hours: Week | Always
    counters: int
    capacity: int | None


_DISTRICTS: Final[Mapping[str, _District]] = {
    "heping": _District("和平区", "Heping", 39.1162, 117.2084, "always", 4, 120),
    "nankai": _District("南开区", "Nankai", 39.1371, 117.1443, "always", 4, None),
    "hexi": _District("河西区", "Hexi", 39.1086, 117.2171, SHOP_HOURS, 3, 60),
    "hedong": _District("河东区", "Hedong", 39.1273, 117.2453, OFFICE_HOURS, 3, 60),
    "hebei": _District("河北区", "Hebei", 39.1468, 117.1903, OFFICE_HOURS, 3, 60),
    "hongqiao": _District("红桥区", "Hongqiao", 39.1662, 117.1451, OFFICE_HOURS, 2, 40),
    "binhai": _District("滨海新区", "Binhai", 39.0164, 117.6922, SHOP_HOURS, 3, 80),
    "dongli": _District("东丽区", "Dongli", 39.0858, 117.3073, OFFICE_HOURS, 2, 40),
    "xiqing": _District("西青区", "Xiqing", 39.1402, 117.0027, WITH_A_BREAK, 2, 40),
    "jinnan": _District("津南区", "Jinnan", 38.9369, 117.3508, WITH_A_BREAK, 2, 40),
    "beichen": _District("北辰区", "Beichen", 39.2236, 117.1291, OFFICE_HOURS, 2, 40),
    "wuqing": _District("武清区", "Wuqing", 39.3829, 117.0381, WITH_A_BREAK, 2, None),
}


def _hall(hall_id: str, district: _District) -> HallInput:
    return HallInput(
        names=Names(zh=f"{district.zh}营业厅", en=f"{district.en} hall"),
        address=f"天津市{district.zh} · 示例 (not a real hall)",
        lat=district.lat,
        lon=district.lon,
        hours=district.hours,
        calendar="cn",
        province="tianjin",
        capacity=district.capacity,
        services=SERVICES,
        counters=tuple(CounterInput(id=f"{hall_id}-{n}", name=str(n)) for n in range(1, district.counters + 1)),
    )


DEMO_HALLS: Final[Mapping[str, HallInput]] = {hall_id: _hall(hall_id, place) for hall_id, place in _DISTRICTS.items()}
"""By hall id, as `put_hall` takes them."""

"""China's provinces, cities and districts, as `divisions.json` has them; pure.

The file is the Ministry of Civil Affairs' list of administrative divisions as of 2025-12-31
(https://dmfw.mca.gov.cn/XzqhVersionPublish.html, table Xzqh20251231), cut to names of three levels. A municipality is
a city of its own name; a county-level city that no city governs is a city with the one district of its name; where a
city governs towns without a district between (东莞市), its towns stand for districts. The list has nothing below Hong
Kong, Macao and Taiwan, so that nothing is delivered there.
"""

import json
import re
from collections.abc import Collection, Mapping
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("divisions.json")
UPGRADED: Final = {"县": ("区", "市"), "市": ("区",)}
"""A county becomes a district or a city, a city a district; people go on writing what it was."""
SHORTEST: Final = 2
"""So many characters must be written of a name at least: 东 is no short form of 东区."""
INSTEAD_OF_A_CITY: Final = ("", "市辖区", "县")
"""What the list, and forms made from it, have between a municipality and its districts."""

IDS: Final = {
    "北京市": "beijing",
    "天津市": "tianjin",
    "河北省": "hebei",
    "山西省": "shanxi",
    "内蒙古自治区": "neimenggu",
    "辽宁省": "liaoning",
    "吉林省": "jilin",
    "黑龙江省": "heilongjiang",
    "上海市": "shanghai",
    "江苏省": "jiangsu",
    "浙江省": "zhejiang",
    "安徽省": "anhui",
    "福建省": "fujian",
    "江西省": "jiangxi",
    "山东省": "shandong",
    "河南省": "henan",
    "湖北省": "hubei",
    "湖南省": "hunan",
    "广东省": "guangdong",
    "广西壮族自治区": "guangxi",
    "海南省": "hainan",
    "重庆市": "chongqing",
    "四川省": "sichuan",
    "贵州省": "guizhou",
    "云南省": "yunnan",
    "西藏自治区": "xizang",
    "陕西省": "shaanxi",
    "甘肃省": "gansu",
    "青海省": "qinghai",
    "宁夏回族自治区": "ningxia",
    "新疆维吾尔自治区": "xinjiang",
}
"""By a province's name: its id, as halls, places and rules have it."""
ENGLISH: Final = {"neimenggu": "Inner Mongolia"}
"""Where a province's English name is not its id."""
HAN: Final = re.compile(r"[\u3400-\u9fff]")
MUNICIPALITIES: Final = frozenset({"beijing", "tianjin", "shanghai", "chongqing"})


@cache
def provinces() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The districts of each city of each province, in the list's order."""
    written = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        province: {city: tuple(districts) for city, districts in cities.items()} for province, cities in written.items()
    }


def province_names(language: str) -> list[tuple[str, str]]:
    """Each province as an address has it, and as it is called in a language."""
    return [(name, name if language == "zh-CN" else _in_english(name)) for name in provinces()]


def _in_english(province: str) -> str:
    return ENGLISH.get(IDS[province], IDS[province].capitalize())


def in_letters(written: str) -> bool:
    """Whether it is a name without a Chinese character, as whoever reads none writes it. No such name is looked up."""
    return not HAN.search(written) and sum(map(str.isalpha, written)) >= SHORTEST


def province_named(written: str) -> str | None:
    """As `named`; its English name will do."""
    english = written.strip().casefold()
    found = [name for name in provinces() if english in {IDS[name], _in_english(name).casefold()}]
    return found[0] if found else named(written, provinces())


def named(written: str, names: Collection[str]) -> str | None:
    """Which of `names` is meant: its own name, its name without what it is (天津), or what it was before (宁河县)."""
    text = "".join(written.split())
    if text in names:
        return text
    if len(text) < SHORTEST:
        return None
    raised = [text[:-1] + suffix for suffix in UPGRADED.get(text[-1], ())]
    found = [name for name in names if name in raised] or [name for name in names if name.startswith(text)]
    return found[0] if len(found) == 1 else None


def city_named(written: str, province: str) -> str | None:
    """As `named`; a municipality's city need not be written, or as the municipality is."""
    cities = provinces()[province]
    if province in cities and (written.strip() in INSTEAD_OF_A_CITY or province_named(written) == province):
        return province
    return named(written, cities)


def nearest(written: str, names: Collection[str], most: int) -> list[str]:
    """So many of the names at most, those most like what was written first."""
    return sorted(names, key=lambda name: -SequenceMatcher(None, written, name).ratio())[:most]

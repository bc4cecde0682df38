"""Addresses, checked against China's administrative divisions."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel.errors import InvalidError
from o2o.kernel.http import parse
from orders.delivery.addresses import Address, Region, checked, checked_region
from orders.delivery.divisions import IDS, provinces

HOME = Address("王小明", "天津市", "天津市", "南开区", "卫津路 94 号 3 门 201")


def test_every_province_of_the_list_has_an_id_and_districts() -> None:
    assert list(IDS) == list(provinces())
    assert len(set(IDS.values())) == 31
    assert all(districts for cities in provinces().values() for districts in cities.values())


@pytest.mark.parametrize(
    ("written", "full"),
    [
        (("天津", "天津", "南开"), ("天津市", "天津市", "南开区")),
        (("天津市", "", "和平区"), ("天津市", "天津市", "和平区")),
        (("天津市", "市辖区", "宁河县"), ("天津市", "天津市", "宁河区")),
        (("重庆", "县", "云阳县"), ("重庆市", "重庆市", "云阳县")),
        (("内蒙古", "锡林郭勒", "锡林浩特"), ("内蒙古自治区", "锡林郭勒盟", "锡林浩特市")),
        (("吉林", "延边", "延吉"), ("吉林省", "延边朝鲜族自治州", "延吉市")),
        (("吉林 省", "吉林", "船营"), ("吉林省", "吉林市", "船营区")),
        (("河南", "济源", "济源"), ("河南省", "济源市", "济源市")),
        (("广东", "东莞", "虎门镇"), ("广东省", "东莞市", "虎门镇")),
        (("Tianjin", "tianjin", "和平"), ("天津市", "天津市", "和平区")),
        (("inner mongolia", "锡林郭勒", "锡林浩特"), ("内蒙古自治区", "锡林郭勒盟", "锡林浩特市")),
        (("河北省", " Langfang ", "Guangyang District"), ("河北省", "Langfang", "Guangyang District")),
        (("河北省", "Langfang", "广阳"), ("河北省", "Langfang", "广阳区")),
        (("河北省", "廊坊", "Guangyang"), ("河北省", "廊坊市", "Guangyang")),
    ],
)
def test_a_region_gets_the_full_names_of_what_was_meant(
    written: tuple[str, str, str], full: tuple[str, str, str]
) -> None:
    assert checked_region(Region(*written)) == Region(*full)


@pytest.mark.parametrize(
    ("written", "field", "likeliest"),
    [
        (("天京市", "", "南开区"), "address.province", "北京市"),
        (("台湾省", "台北市", "大安区"), "address.province", "江苏省"),
        (("河北省", "石家庄", "南开区"), "address.district", "长安区"),
        (("河北省", "石家屯市", "长安区"), "address.city", "石家庄市"),
        (("河南省", "新乡市", "新乡市"), "address.district", "新乡县"),
        (("广东省", "中山市", "东"), "address.district", "东区街道"),
        (("", "", ""), "address.province", "北京市"),
        (("Taiwan", "Taipei", "Da’an"), "address.province", "北京市"),
        (("河北省", "7", "广阳区"), "address.city", "廊坊市"),
        (("河北省", "Langfang", ""), "address.district", "长安区"),
    ],
)
def test_a_wrong_region_names_the_field_and_what_is_possible(
    written: tuple[str, str, str], field: str, likeliest: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        checked(msgspec.structs.replace(HOME, province=written[0], city=written[1], district=written[2]))

    assert refused.value.details["field"] == field
    assert likeliest in refused.value.details["possible"]
    assert len(refused.value.details["possible"]) <= 12


@pytest.mark.parametrize("field", ["name", "province", "city", "district", "street"])
@pytest.mark.parametrize("character", ["\x00", "\n", "\x85", "\u202e", "\u200b"])
def test_control_characters_are_refused_where_they_stand(field: str, character: str) -> None:
    body = msgspec.to_builtins(HOME) | {field: f"天津{character}市"}

    with pytest.raises(InvalidError) as refused:
        parse(msgspec.json.encode(body), Address)

    assert refused.value.details["field"] == field


@given(st.sampled_from([(p, c, d) for p, cities in provinces().items() for c, ds in cities.items() for d in ds]))
def test_each_district_of_the_list_is_itself(names: tuple[str, str, str]) -> None:
    assert checked_region(Region(*names)) == Region(*names)


@pytest.mark.parametrize(
    ("city", "district", "told"),
    [("廊坊", "广阳", "河北省廊坊市广阳区"), ("廊坊", "Guangyang", "河北省廊坊市"), ("Langfang", "广阳", "河北省")],
)
def test_a_carrier_is_told_as_much_as_is_in_chinese(city: str, district: str, told: str) -> None:
    assert checked_region(Region("Hebei", city, district)).in_chinese == told


def test_an_address_in_letters_is_known_as_one_and_can_be_read() -> None:
    abroad = checked(Address("Li Hua", "Hebei", "Langfang", "Guangyang", "1 Xinhua Road"))

    assert abroad.line == "河北省, Langfang, Guangyang, 1 Xinhua Road"
    assert [abroad.is_in_letters, HOME.is_in_letters] == [True, False]


def test_a_parcel_says_each_name_once() -> None:
    assert HOME.line == "天津市南开区卫津路 94 号 3 门 201"
    assert checked(Address(" 李四 ", "河南", "济源", "济源", "天坛路 1 号")).line == "河南省济源市天坛路 1 号"

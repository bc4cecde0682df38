"""What was changed, in the reader's language."""

from typing import Any

import pytest

from o2o.kernel.i18n import translator
from staff.differing import differing

NAMES = {"zh-CN": "手机壳", "en": "Case"}


@pytest.mark.parametrize(
    ("member", "was", "now", "zh", "en"),
    [
        ("names", None, NAMES, ("名称", "–", "手机壳"), ("Name", "–", "Case")),
        ("price", {"amount": "129.00", "currency": "CNY"}, None, ("价格", "¥129", "–"), ("Price", "¥129", "–")),
        ("fee", 1200, 1250, ("费用", "¥12", "¥12.50"), ("Fee", "¥12", "¥12.50")),
        ("serialised", False, True, ("每件有序列号", "否", "是"), ("Each piece has a serial number", "no", "yes")),
        ("kind", "sim", "plan", ("类别", "手机卡", "套餐"), ("Kind", "SIM card", "Plan")),
        ("never_heard_of", 1, [], ("never heard of", "1", "–"), ("never heard of", "1", "–")),
    ],
)
def test_a_member_is_named_and_said(member: str, was: Any, now: Any, zh: Any, en: Any) -> None:
    found = {one: list(differing({member: was}, {member: now}, translator(one))) for one in ("zh-CN", "en")}

    assert found == {"zh-CN": [zh], "en": [en]}


def test_of_a_group_only_what_differs_is_told() -> None:
    before = {"rules": {"late_minutes": 30, "speech": {"times": 2, "rate": 0.9}}}
    after = {"rules": {"late_minutes": 30, "speech": {"times": 1, "rate": 0.9}}}

    assert list(differing(before, after, translator("en"))) == [
        ("Rules · How displays speak · Each call is spoken so often", "2", "1")
    ]


def test_of_a_list_only_the_items_that_differ_are_told() -> None:
    before = {"counters": [{"id": "1", "name": "1"}, {"id": "2", "name": "2"}]}
    after = {"counters": [{"id": "1", "name": "1"}, {"id": "2", "name": "VIP"}]}

    assert list(differing(before, after, translator("en"))) == [
        ("Counters", "Short name: 2; Name: 2", "Short name: 2; Name: VIP")
    ]


def test_what_says_nothing_is_left_out() -> None:
    after = {"picture": None, "attributes": [], "counters": [{"name": "1", "services": None}]}

    assert list(differing({}, after, translator("en"))) == [("Counters", "–", "Name: 1")]


def test_hours_are_told_as_spans() -> None:
    week = {"mon": [["09:00", "12:00"], ["13:00", "17:30"]], "tue": []}

    assert list(differing({"hours": "always"}, {"hours": week}, translator("en"))) == [
        ("Opening hours", "Open round the clock", "Monday: 09:00–12:00, 13:00–17:30; Tuesday: –")
    ]


def test_a_role_is_told_with_where_it_holds() -> None:
    after = {"roles": [{"role": "hq", "scope": "*"}]}

    assert list(differing({}, after, translator("zh-CN"))) == [("角色", "–", "角色：总部；范围：全部")]

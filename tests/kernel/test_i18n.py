"""Whose language it is, and its texts."""

import pytest
from starlette.requests import Request

from o2o.kernel.i18n import language_of, translator
from o2o.kernel.pages import environment


def request(search: str = "", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "query_string": search.encode(), "headers": raw})


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("de, en;q=0.5, zh;q=0.7", "zh-CN"),
        ("de", "zh-CN"),
        ("en; q=1, zh; q=0.5", "en"),
        ("zh ;Q=0.5 , EN-us", "en"),
        ("en;q=0", "zh-CN"),
        ("en;q=high", "zh-CN"),
        ("*", "zh-CN"),
        (";;,,q=", "zh-CN"),
        ("en," * 10_000, "en"),
    ],
)
def test_the_browser_s_languages_decide(accepted: str, language: str) -> None:
    assert language_of(request(accept_language=accepted)) == language


def test_of_a_header_that_is_longer_than_anybodys_no_more_is_read_or_kept() -> None:
    assert language_of(request(accept_language="x" * 1000 + ", en")) == "zh-CN"


def test_a_choice_remembered_wins_over_the_browser_s() -> None:
    assert language_of(request(accept_language="zh", cookie="lang=en")) == "en"


def test_a_choice_made_now_wins_over_all() -> None:
    assert language_of(request("lang=zh-CN", cookie="lang=en")) == "zh-CN"


def test_an_unknown_choice_is_none() -> None:
    assert language_of(request("lang=xx", cookie="lang=yy", accept_language="en")) == "en"


def test_a_text_is_filled_after_it_is_translated() -> None:
    texts = translator("en")

    assert texts("about %(minutes)s min", minutes=5) == "about 5 min"


def test_chinese_has_its_own_words() -> None:
    assert translator("zh-CN")("There is nothing at this address.") == "这个地址没有内容。"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("3", "3 号柜台"),
        ("A12", "A12 号柜台"),
        ("VIP", "VIP 柜台"),
        ("企业客户", "企业客户柜台"),
        ("{c}", "{c} 号柜台"),
    ],
)
def test_a_counter_has_a_number_only_where_its_name_is_one(name: str, said: str) -> None:
    assert translator("zh-CN")("Counter %(counter)s", counter=name) == said
    template = environment("zh-CN").from_string('{{ _("Counter %(counter)s", counter=name) }}')
    assert template.render(name=name) == said

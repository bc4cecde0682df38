import pytest

from halls.search import folded, has_all, words_of
from tests.halls.documents import hall

TEXTS = [folded(text) for text in ("heping", "和平营业厅", "Heping Hall", "天津市和平区南京路12号 (café)")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ,。!",
        "和平",
        "天津和平",
        "和平厅",
        "南京路 heping",
        "HEPING hall",
        "ｈｅｐｉｎｇ",
        "hall-heping",
        "南京路12号",
        "１２号",
        "和平hall",
        "CAFÉ",
    ],
)
def test_what_is_meant_is_found(text: str) -> None:
    assert has_all(TEXTS, words_of(text))


@pytest.mark.parametrize("text", ["平和", "天津营业厅", "hpng", "heping 南开", "13号", "heb.*"])
def test_what_is_not_meant_is_not_found(text: str) -> None:
    assert not has_all(TEXTS, words_of(text))


def test_nobody_can_type_what_takes_for_ever() -> None:
    assert not has_all(["和" * 79], words_of("和" * 80))


@pytest.mark.parametrize("text", ["heping", "红桥大厅", "Hongqiao", "南京路", "手机卡", "SIM cards", "Bills"])
def test_a_hall_is_found_by_its_names_its_address_and_what_it_offers(text: str) -> None:
    one = hall("heping", names={"zh-CN": "红桥大厅", "en": "Hongqiao"}, address="南京路 12 号")

    assert has_all(one.searched, words_of(text))

from orders.search import MOST_WORDS, Word, words_to_find, words_to_keep


def test_chinese_is_kept_as_characters_and_pairs() -> None:
    assert words_to_keep(["手机壳"]) == "手 机 壳 手机 机壳"


def test_other_writing_is_kept_as_words_and_as_their_letters_and_digits() -> None:
    assert words_to_keep(["Phone X200"]) == "phone x200 x 200"


def test_each_word_is_kept_once_and_folded() -> None:
    assert words_to_keep(["ＳＩＭ卡", "sim"]) == "sim 卡"


def test_chinese_is_looked_for_in_pairs_and_other_words_by_their_beginning() -> None:
    assert words_to_find("手机壳 x2") == [Word("手机", whole=True), Word("机壳", whole=True), Word("x2", whole=False)]
    assert words_to_find("壳") == [Word("壳", whole=True)]


def test_what_has_no_letters_is_no_word() -> None:
    assert words_to_find("\"*() -- '") == []


def test_nobody_makes_the_database_look_for_a_book() -> None:
    assert len(words_to_find("手机和配件" * 100)) <= MOST_WORDS
    assert len(words_to_find(" ".join(map(str, range(1000))))) == MOST_WORDS

"""A list is read whole, page by page."""

import pytest

from o2o.kernel.errors import InvalidError
from o2o.kernel.paging import page

ROWS = ["a", "b", "c", "d", "e"]


def test_the_first_page_says_where_the_next_one_begins() -> None:
    assert page(ROWS, 2, None, str) == (["a", "b"], "b")


def test_the_next_page_begins_behind_it() -> None:
    assert page(ROWS, 2, "b", str) == (["c", "d"], "d")


@pytest.mark.parametrize(("limit", "cursor", "rows"), [(1, "d", ["e"]), (5, None, ROWS), (9, "c", ["d", "e"])])
def test_the_last_page_has_no_cursor(limit: int, cursor: str | None, rows: list[str]) -> None:
    assert page(ROWS, limit, cursor, str) == (rows, None)


def test_an_empty_list_is_one_page() -> None:
    assert page([], 10, None, str) == ([], None)


def test_behind_the_last_row_is_nothing() -> None:
    assert page(ROWS, 2, "e", str) == ([], None)


def test_a_row_that_came_before_the_cursor_shifts_nothing() -> None:
    assert page(["0", *ROWS], 2, "b", str) == (["c", "d"], "d")


def test_a_cursor_that_names_no_row_is_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        page(ROWS, 2, "z", str)

    assert refused.value.details["field"] == "cursor"

"""One number has one writing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel.errors import InvalidError
from o2o.kernel.phones import MOBILE, e164


@pytest.mark.parametrize("typed", ["13812341234", "138 1234 1234", "+86 138-1234-1234", "0086 13812341234"])
def test_a_number_is_the_same_however_it_was_typed(typed: str) -> None:
    assert e164(typed) == "+8613812341234"


@pytest.mark.parametrize("typed", ["", "12345", "zhang", "1" * 24])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidError) as refused:
        e164(typed)
    assert refused.value.details["field"] == "phone"


@given(st.from_regex(MOBILE, fullmatch=True))
def test_what_is_read_without_the_library_is_what_the_library_says(typed: str) -> None:
    assert e164(f" {typed}") == e164(typed) == f"+86{typed}"

"""One number has one writing."""

import pytest

from o2o.kernel.errors import InvalidError
from o2o.kernel.phones import e164


@pytest.mark.parametrize("typed", ["13812341234", "138 1234 1234", "+86 138-1234-1234", "0086 13812341234"])
def test_a_number_is_the_same_however_it_was_typed(typed: str) -> None:
    assert e164(typed) == "+8613812341234"


@pytest.mark.parametrize("typed", ["", "12345", "zhang", "1" * 24])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidError) as refused:
        e164(typed)
    assert refused.value.details["field"] == "phone"

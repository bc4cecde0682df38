import pytest

from o2o.kernel.errors import InvalidError
from orders.shares import AgreedLine, Share, read_lines, write_lines
from orders.states import Fulfilment

BOTH = AgreedLine("case-x200", (Share(Fulfilment.PICKUP, 2), Share(Fulfilment.DELIVERY, 1)))
SENT = AgreedLine("sim-5g", (Share(Fulfilment.DELIVERY, 10),))


def test_what_was_agreed_is_the_same_after_a_form_has_carried_it() -> None:
    text = write_lines([BOTH, SENT])

    assert text == "case-x200:p2d1,sim-5g:d10"
    assert read_lines(text) == (BOTH, SENT)
    assert BOTH.quantity == 3


@pytest.mark.parametrize(
    "text",
    [
        *("", "case", "case:", "case:p0", "case:x1", "case:p1,", "case:p1,case:d1", "CASE:p1", "case:p1\n"),
        "case:p26d25",
        ",".join(f"case-{number}:p1" for number in range(21)),
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        read_lines(text)

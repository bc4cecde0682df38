from datetime import date

import pytest

from halls.holidays import Observed, calendar_known_until, observed


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 10, 1), Observed(works=False, zh="国庆节", en="National Day")),
        (date(2026, 10, 4), Observed(works=False, zh="国庆节", en="National Day")),  # A Sunday within the holiday.
        (date(2026, 10, 10), Observed(works=True, zh="国庆节", en="National Day")),  # A Saturday worked for it.
        (date(2026, 10, 8), None),
        (date(2026, 10, 11), None),
        (date(2015, 9, 3), Observed(works=False, zh="公众假期", en="public holiday")),
    ],
)
def test_the_calendar_knows_holidays_and_the_days_worked_for_them(day: date, expected: Observed | None) -> None:
    assert observed(day) == expected


def test_a_year_that_the_calendar_does_not_know_has_ordinary_days() -> None:
    first_unknown = date(calendar_known_until().year + 1, 1, 1)

    assert observed(first_unknown) is None
    assert observed(date(1999, 10, 1)) is None


def test_the_calendar_is_known_until_the_end_of_a_year() -> None:
    assert calendar_known_until() >= date(2026, 12, 31)
    assert (calendar_known_until().month, calendar_known_until().day) == (12, 31)

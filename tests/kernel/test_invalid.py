"""Bad input, as a sentence that says what is wrong and where."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import pytest

from o2o.kernel.errors import InvalidError
from o2o.kernel.http import parse
from o2o.kernel.i18n import translator


class Kind(StrEnum):
    KIOSK = "kiosk"


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=2, max_length=8)] = "name"
    code: Annotated[str, msgspec.Meta(pattern="^[a-z]*$")] = "code"
    places: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1
    kinds: Annotated[list[Kind], msgspec.Meta(max_length=1)] = []
    day: date = date(2026, 11, 26)
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    sure: bool | None = None
    far: float | None = None
    hours: str | list[str] = "always"
    inner: "Wish | None" = None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "much too long"}, "“name” is too long: at most 8 characters."),
        ({"name": "x"}, "“name” is too short: at least 2 characters."),
        ({"code": "X"}, "“code” is empty, or has characters or a form that are not allowed."),
        ({"places": 0}, "“places” is too small: at least 1."),
        ({"places": 10**30}, "“places” is too large: at most 50."),
        ({"places": "many"}, "“places” must be a whole number."),
        ({"places": None}, "“places” must be a whole number."),
        ({"name": 1}, "“name” must be text."),
        ({"kinds": "kiosk"}, "“kinds” must be a list."),
        ({"sure": "yes"}, "“sure” must be true or false."),
        ({"far": "away"}, "“far” must be a number."),
        ({"far": [1]}, "“far” must be a number."),
        ({"hours": 1}, "“hours” must be str | array, not int."),
        ({"kinds": ["kiosk", "kiosk"]}, "“kinds” has too many: at most 1."),
        ({"kinds": ["fax"]}, "“kinds[0]” can't be “fax”."),
        ({"day": "tomorrow"}, "“day” must be a date such as 2026-11-26."),
        ({"at": "noon"}, "“at” must be a time such as 2026-11-26T09:00:00+08:00."),
        ({"at": "2026-11-26T09:00:00"}, "“at” must be a time such as 2026-11-26T09:00:00+08:00."),
        ({"at": 9}, "“at” must be a time such as 2026-11-26T09:00:00+08:00."),
        ({"inner": {"places": 0}}, "“inner.places” is too small: at least 1."),
        ({"inner": {"x": 0}}, "The field “inner.x” is not known here."),
        ([], "“body” must be an object with named members."),
    ],
)
def test_what_is_wrong_with_a_field_is_said(given: Any, said: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(msgspec.json.encode(given), Wish)
    error = caught.value
    assert translator("en").fill(error.message, error.details) == said
    assert error.details["field"] in said
    assert "“" in translator("zh-CN").fill(error.message, error.details)

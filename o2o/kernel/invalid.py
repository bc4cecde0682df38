"""Bad input, from what msgspec says of it to a sentence in the reader's language and the field at fault."""

import re
from typing import Final

import msgspec

from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _

_PLACE: Final = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`")
_OF_A_MEMBER: Final = {
    re.compile(r"unknown field `(?P<member>[^`]*)`"): _("The field “%(field)s” is not known here."),
    re.compile(r"missing required field `(?P<member>[^`]*)`"): _("The field “%(field)s” is missing."),
}
_OF_A_KIND: Final = {
    "str": _("“%(field)s” must be text."),
    "int": _("“%(field)s” must be a whole number."),
    "float": _("“%(field)s” must be a number."),
    "bool": _("“%(field)s” must be true or false."),
    "array": _("“%(field)s” must be a list."),
    "object": _("“%(field)s” must be an object with named members."),
}
_GOT: Final = "(?: \\| null)?)`, got `(?P<given>[^`]*)`"
_OF_A_VALUE: Final = {
    re.compile(r"`str` of length <= (?P<limit>\d+)"): _("“%(field)s” is too long: at most %(limit)s characters."),
    re.compile(r"`str` of length >= (?P<limit>\d+)"): _("“%(field)s” is too short: at least %(limit)s characters."),
    re.compile(r"`(?:array|object)` of length <= (?P<limit>\d+)"): _("“%(field)s” has too many: at most %(limit)s."),
    re.compile(r"`(?:array|object)` of length >= (?P<limit>\d+)"): _("“%(field)s” has too few: at least %(limit)s."),
    re.compile(r"`(?:int|float)` >= (?P<limit>\S+)"): _("“%(field)s” is too small: at least %(limit)s."),
    re.compile(r"`(?:int|float)` <= (?P<limit>\S+)"): _("“%(field)s” is too large: at most %(limit)s."),
    re.compile(r"out of range"): _("“%(field)s” is out of range."),
    re.compile(r"matching regex"): _("“%(field)s” is empty, or has characters or a form that are not allowed."),
    re.compile(r"Invalid enum value '?(?P<given>[^']*)'?"): _("“%(field)s” can't be “%(given)s”."),
    re.compile(r"encoded datetime|with a timezone|`datetime"): _(
        "“%(field)s” must be a time such as 2026-11-26T09:00:00+08:00."
    ),
    re.compile(r"encoded date|`date"): _("“%(field)s” must be a date such as 2026-11-26."),
    **{re.compile(f"Expected `(?P<wanted>{kind}{_GOT}"): message for kind, message in _OF_A_KIND.items()},
    re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<given>[^`]*)`"): _(
        "“%(field)s” must be %(wanted)s, not %(given)s."
    ),
}


def invalid(error: Exception) -> InvalidError:
    """What was wrong, and where; msgspec's own words go along as the `reason`."""
    reason = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return InvalidError(_("The body is not valid JSON."), field="body", reason=reason)
    place = _PLACE.search(reason)
    parent = place[1] if place else ""
    for pattern, message in _OF_A_MEMBER.items():
        if found := pattern.search(reason):
            return InvalidError(message, field=f"{parent}.{found[1]}" if parent else found[1], reason=reason)
    return _of_a_value(parent or "body", reason)


def _of_a_value(field: str, reason: str) -> InvalidError:
    for pattern, message in _OF_A_VALUE.items():
        if found := pattern.search(reason):
            return InvalidError(message, field=field, reason=reason, **found.groupdict())
    return InvalidError(_("The field “%(field)s” is not valid."), field=field, reason=reason)

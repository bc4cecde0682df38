"""Phone numbers, in one writing however they were typed."""

import re
from typing import Final

import phonenumbers

from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _

REGION: Final = "CN"  # How a number without +country is read.
MOBILE: Final = re.compile("1[3-9][0-9]{9}")
"""As nearly everybody here types theirs: the library takes 28 µs to say that it is `+86` and these digits."""
REACHABLE: Final = phonenumbers.ValidationResult.IS_POSSIBLE  # From everywhere: five digits only work within a town.


def e164(phone: str) -> str:
    """The number as `+8613812341234`. Raises InvalidError for what is none."""
    if MOBILE.fullmatch(phone):
        return f"+86{phone}"
    try:
        number = phonenumbers.parse(phone, REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or phonenumbers.is_possible_number_with_reason(number) != REACHABLE:
        raise InvalidError(_("This is not a phone number. Check its digits."), field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

"""Ids of rows that come by the thousand."""

import secrets
from typing import Final

from o2o.kernel.signing import base64url

TIME_BYTES: Final = 4  # Milliseconds, which begin anew after 49 days: later than rows leave for the archive.
RANDOM_BYTES: Final = 12


def timely_id(now_ms: int) -> str:
    """An id as 22 characters of base64url: the moment, then 96 bits from `secrets`.

    Rows of one moment lie side by side in every index by it, so that a commit writes a few pages of it and not one for
    each row. It names a row and grants nothing: rights come by a token (docs/decisions/0053).
    """
    moment = (now_ms % 2 ** (8 * TIME_BYTES)).to_bytes(TIME_BYTES, "big")
    return base64url(moment + secrets.token_bytes(RANDOM_BYTES))

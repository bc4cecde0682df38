"""Taking one guard away from the scripts that decide about stock, for controls."""

import hashlib
from collections.abc import Mapping
from copy import copy

from halls.stock.store import DECIDE
from o2o.kernel.scripts import Script

NO_GUARD = ("if available(level) < args.quantity then", "if false then")
GUARDS: Mapping[str, tuple[str, str]] = {
    "only what is there": NO_GUARD,
    "what is held is not there": ("level.on_hand - level.allocated - level.held", "level.on_hand - level.allocated"),
    "a hold ends": ("local function let_go()\n", "local function let_go()\n  if true then return 0 end\n"),
    "even for those who stay": (", hold.created_at + cap)", ")"),
    "so many for one": ("if #mine >= limit then", "if false then"),
    "a count leaves what was promised": ("if args.on_hand < committed then", "if false then"),
    "an ended hold is none": ("redis.call('HDEL', HOLDS, row.id)", ""),
}
"""What each guard promises, what it is in the script, and what stands in its place without it."""


def deciding(old: str, new: str) -> Script:
    """The deciding script with `new` in place of `old`, which must be there."""
    assert old in DECIDE._text
    script = copy(DECIDE)
    script._text = DECIDE._text.replace(old, new)
    script._sha = hashlib.sha1(script._text.encode()).hexdigest()
    return script

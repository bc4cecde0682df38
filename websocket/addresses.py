"""How many sockets one address may hold open in this process."""

from collections import Counter
from typing import Final

from o2o.kernel.errors import TooManyError
from o2o.kernel.i18n import _

SOCKETS_PER_ADDRESS: Final = 1000  # A hall's guests share the hall's one address, and a carrier's even more do.
RETRY_AFTER_S: Final = 30


class Addresses:
    """Seats by address; `most` None counts without refusing."""

    def __init__(self, most: int | None = SOCKETS_PER_ADDRESS) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def take(self, address: str) -> None:
        """Take one of the address's seats. Raises TooManyError."""
        if self._most is not None and self._taken[address] >= self._most:
            raise TooManyError(_("Too many connections from this address."), retry_after=RETRY_AFTER_S)
        self._taken[address] += 1

    def leave(self, address: str) -> None:
        """Give a seat back."""
        self._taken[address] -= 1
        if not self._taken[address]:
            del self._taken[address]

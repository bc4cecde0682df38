"""Who owns a ticket."""

from typing import Final

from o2o.kernel.owning import Ownership

# A ticket outlives its business day by some hours at most.
TICKETS: Final = Ownership("ticket", cookie="t", lasts_s=2 * 86_400)

owns, is_token, token_of, give_cookie = TICKETS.owns, TICKETS.is_token, TICKETS.token_of, TICKETS.give_cookie

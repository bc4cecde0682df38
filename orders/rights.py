"""Who owns an order."""

from typing import Final

from o2o.kernel.owning import Ownership

PURPOSE: Final = "order"
# So long things go back and questions come.
ORDERS: Final = Ownership(PURPOSE, cookie="o", lasts_s=90 * 86_400)

owns, is_token, token_of, give_cookie = ORDERS.owns, ORDERS.is_token, ORDERS.token_of, ORDERS.give_cookie

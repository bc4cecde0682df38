"""Who is let in where: a row for every route, and for every stream.

The hall of an address is Heping; who is elsewhere has the same role in Nankai, or in the province that Nankai is in.
"""

import re
from collections.abc import Mapping
from typing import Final

from staff.schemas import Right
from staff.states import EVERYWHERE, Role

PEOPLE: Final = {
    "clerk": Right(Role.CLERK, "heping"),
    "clerk elsewhere": Right(Role.CLERK, "nankai"),
    "manager": Right(Role.MANAGER, "heping"),
    "manager elsewhere": Right(Role.MANAGER, "nankai"),
    "warehouse": Right(Role.WAREHOUSE, "heping"),
    "province": Right(Role.PROVINCE, "tianjin"),
    "province elsewhere": Right(Role.PROVINCE, "hebei"),
    "hq": Right(Role.HQ, EVERYWHERE),
}
STAFF: Final = frozenset(PEOPLE)
KEYS: Final = frozenset({"key", "read-only key"})
LOCKED: Final = "locked clerk"
EVERYBODY: Final = STAFF | {"anonymous", "owner", "another owner", "display", "display elsewhere"}
ANY_MANAGERS: Final = frozenset({"manager", "manager elsewhere", "province", "province elsewhere", "hq"})
CLERKS: Final = ANY_MANAGERS | {"clerk", "clerk elsewhere"}
MANAGERS: Final = frozenset({"manager", "province", "hq"})
OF_THE_HALL: Final = MANAGERS | {"clerk"}
KEEPERS: Final = MANAGERS | {"warehouse"}
OF_THE_PLACE: Final = KEEPERS | {"clerk"}
HQ: Final = frozenset({"hq"})
OWNER: Final = frozenset({"owner"})

LET_IN: Final[Mapping[str, frozenset[str]]] = {
    "GET /": EVERYBODY,
    "GET /api/openapi.json": EVERYBODY,
    "DELETE /api/v1/codes/{code}": MANAGERS,
    "GET /api/v1/codes/{code}": EVERYBODY,
    "POST /api/v1/codes/{code}/replacement": MANAGERS,
    "GET /api/v1/counters/{counter}": OF_THE_HALL,
    "POST /api/v1/counters/{counter}/calls": OF_THE_HALL,
    "DELETE /api/v1/counters/{counter}/opening": OF_THE_HALL,
    "POST /api/v1/counters/{counter}/opening": OF_THE_HALL,
    "GET /api/v1/delivery": EVERYBODY,
    "GET /api/v1/delivery/divisions": EVERYBODY,
    "GET /api/v1/delivery/rates": EVERYBODY,
    "DELETE /api/v1/delivery/rates/{province}": HQ,
    "PUT /api/v1/delivery/rates/{province}": HQ,
    "POST /api/v1/carriers/kuaidi100/{shipment}": EVERYBODY,
    "POST /api/v1/displays": EVERYBODY,
    "POST /api/v1/displays/token": EVERYBODY,
    "DELETE /api/v1/displays/{display}": MANAGERS,
    "PUT /api/v1/displays/{display}": MANAGERS,
    "GET /api/v1/halls": EVERYBODY,
    "GET /api/v1/halls/{hall}": EVERYBODY,
    "PUT /api/v1/halls/{hall}": HQ,
    "GET /api/v1/halls/{hall}/codes": MANAGERS,
    "GET /api/v1/halls/{hall}/shelves": MANAGERS,
    "POST /api/v1/halls/{hall}/shelves": MANAGERS,
    "PUT /api/v1/codes/{code}/shelf": MANAGERS,
    "GET /manage/{hall}/shelves": MANAGERS,
    "POST /manage/{hall}/shelves": MANAGERS,
    "GET /manage/{hall}/shelves.pdf": MANAGERS,
    "GET /api/v1/halls/{hall}/displays": MANAGERS,
    "POST /api/v1/halls/{hall}/displays": MANAGERS,
    "GET /api/v1/halls/{hall}/events": MANAGERS,
    "DELETE /api/v1/halls/{hall}/pause": MANAGERS,
    "POST /api/v1/halls/{hall}/pause": MANAGERS,
    "GET /api/v1/halls/{hall}/scans": MANAGERS,
    "POST /api/v1/halls/{hall}/tickets": EVERYBODY,
    "GET /api/v1/events": HQ,
    "POST /api/v1/holds": EVERYBODY,
    "DELETE /api/v1/holds/{hold}": OWNER,
    "POST /api/v1/holds/{hold}/extension": OWNER,
    "GET /api/v1/keys": ANY_MANAGERS,
    "POST /api/v1/keys": MANAGERS,
    "DELETE /api/v1/keys/{key}": MANAGERS,
    "POST /api/v1/products/{sku}/watchers": EVERYBODY,
    "GET /api/v1/messages": ANY_MANAGERS,
    "POST /api/v1/messages/{message}/resending": MANAGERS,
    "GET /api/v1/people": MANAGERS,
    "POST /api/v1/people": MANAGERS,
    "GET /api/v1/people/{person}": MANAGERS,
    "DELETE /api/v1/people/{person}/disablement": MANAGERS,
    "POST /api/v1/people/{person}/disablement": MANAGERS,
    "PUT /api/v1/people/{person}/password": MANAGERS,
    "DELETE /api/v1/people/{person}/pin": MANAGERS,
    "PUT /api/v1/people/{person}/roles": MANAGERS,
    "GET /api/v1/products": EVERYBODY,
    "GET /api/v1/halls/{hall}/closing": OF_THE_HALL,
    "POST /api/v1/orders": EVERYBODY,
    "GET /api/v1/orders/{order}": OF_THE_PLACE | OWNER,
    "POST /api/v1/orders/{order}/cancellation": OF_THE_PLACE | OWNER,
    "POST /api/v1/orders/{order}/delivery": OF_THE_PLACE,
    "POST /api/v1/orders/{order}/delivery-failure": OF_THE_PLACE,
    "POST /api/v1/orders/{order}/delivery-return": OF_THE_PLACE,
    "POST /api/v1/orders/{order}/picking": OF_THE_PLACE,
    "POST /api/v1/orders/{order}/handover": OF_THE_HALL,
    "POST /api/v1/orders/{order}/notice": OF_THE_HALL,
    "POST /api/v1/orders/{order}/payment": OF_THE_HALL,
    "POST /api/v1/orders/{order}/readiness": OF_THE_HALL,
    "POST /api/v1/orders/{order}/refund": OF_THE_PLACE,
    "POST /api/v1/orders/{order}/shipment": OF_THE_PLACE,
    "GET /api/v1/orders/{order}/shipments": OF_THE_PLACE | OWNER,
    "GET /api/v1/products/{sku}": EVERYBODY,
    "PUT /api/v1/products/{sku}": HQ,
    "GET /api/v1/sourcing": HQ,
    "PUT /api/v1/sourcing": HQ,
    "GET /api/v1/places": STAFF,
    "GET /api/v1/places/{place}/stock": OF_THE_PLACE,
    "GET /api/v1/places/{place}/stock/{sku}": OF_THE_PLACE,
    "GET /api/v1/places/{place}/stock/{sku}/movements": OF_THE_PLACE,
    "POST /api/v1/places/{place}/stock/{sku}/counts": OF_THE_PLACE,
    "POST /api/v1/places/{place}/stock/{sku}/damages": KEEPERS,
    "POST /api/v1/places/{place}/stock/{sku}/receipts": KEEPERS,
    "POST /api/v1/places/{place}/stock/{sku}/transfers": KEEPERS,
    "DELETE /api/v1/session": STAFF,
    "GET /api/v1/session": STAFF,
    "POST /api/v1/session": EVERYBODY,
    "PUT /api/v1/session/lock": STAFF,
    "PUT /api/v1/session/password": STAFF,
    "PUT /api/v1/session/pin": STAFF,
    "POST /api/v1/session/unlocking": STAFF,
    "GET /api/v1/sessions": MANAGERS,
    "DELETE /api/v1/sessions/{session}": OF_THE_HALL,
    "GET /api/v1/tickets/{ticket}": OF_THE_HALL | OWNER,
    "POST /api/v1/tickets/{ticket}/cancellation": OF_THE_HALL | OWNER,
    "POST /api/v1/tickets/{ticket}/class": OF_THE_HALL,
    "GET /api/v1/tickets/{ticket}/code": OF_THE_HALL | OWNER,
    "POST /api/v1/tickets/{ticket}/completion": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/no-show": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/parking": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/postponement": OF_THE_HALL | OWNER,
    "POST /api/v1/tickets/{ticket}/recall": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/requeue": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/start": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/transfer": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/unparking": OF_THE_HALL,
    "GET /audit": HQ,
    "GET /clerk": CLERKS,
    "POST /clerk": CLERKS,
    "GET /clerk/sell": CLERKS,
    "POST /clerk/sell": CLERKS,
    "GET /display": EVERYBODY,
    "GET /display/pair": ANY_MANAGERS,
    "POST /display/pair": MANAGERS,
    "GET /halls/{hall}": EVERYBODY,
    "POST /halls/{hall}": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /basket": EVERYBODY,
    "POST /basket/hall": EVERYBODY,
    "POST /basket/lines": EVERYBODY,
    "POST /basket/lines/{sku}": EVERYBODY,
    "GET /checkout": EVERYBODY,
    "POST /checkout": EVERYBODY,
    "GET /o/{order}": OWNER,
    "POST /o/{order}/cancellation": OWNER,
    "GET /o/{order}/pickup.svg": OWNER,
    "GET /p/{sku}": EVERYBODY,
    "GET /products": EVERYBODY,
    "GET /stock": CLERKS | {"warehouse"},
    "GET /stock/{place}": OF_THE_PLACE,
    "GET /stock/{place}/count": OF_THE_PLACE,
    "POST /stock/{place}/count": OF_THE_PLACE,
    "GET /stock/{place}/import": KEEPERS,
    "POST /stock/{place}/import": KEEPERS,
    "GET /stock/{place}/movements.csv": OF_THE_PLACE,
    "GET /stock/{place}/products/{sku}": OF_THE_PLACE,
    "POST /stock/{place}/products/{sku}": KEEPERS,
    "GET /stock/{place}/stock.csv": OF_THE_PLACE,
    "POST /lock": STAFF,
    "GET /manage": ANY_MANAGERS,
    "GET /manage/{hall}": MANAGERS,
    "GET /manage/{hall}/codes": MANAGERS,
    "POST /manage/{hall}/codes": MANAGERS,
    "GET /manage/{hall}/counters": MANAGERS,
    "POST /manage/{hall}/counters": MANAGERS,
    "GET /manage/{hall}/hours": MANAGERS,
    "POST /manage/{hall}/hours": MANAGERS,
    "GET /manage/{hall}/audit": MANAGERS,
    "GET /manage/{hall}/people": MANAGERS,
    "POST /manage/{hall}/people": MANAGERS,
    "GET /manage/{hall}/poster": MANAGERS,
    "GET /manage/{hall}/poster.pdf": MANAGERS,
    "GET /manage/{hall}/pause": MANAGERS,
    "POST /manage/{hall}/pause": MANAGERS,
    "GET /manage/{hall}/rules": MANAGERS,
    "POST /manage/{hall}/rules": MANAGERS,
    "GET /manage/{hall}/screens": MANAGERS,
    "POST /manage/{hall}/screens": MANAGERS,
    "GET /manage/{hall}/services": MANAGERS,
    "POST /manage/{hall}/services": MANAGERS,
    "GET /manage/{hall}/stock": MANAGERS,
    "GET /manage/{hall}/takings": MANAGERS,
    "GET /metrics": EVERYBODY,
    "POST /p/{sku}/watchers": EVERYBODY,
    "GET /outbox": ANY_MANAGERS,
    "POST /outbox": ANY_MANAGERS,
    "GET /password": STAFF,
    "POST /password": STAFF,
    "GET /picking": CLERKS | {"warehouse"},
    "GET /picking/{place}": OF_THE_PLACE,
    "POST /picking/{place}": OF_THE_PLACE,
    "GET /picking/{place}/shipments": OF_THE_PLACE,
    "POST /picking/{place}/shipments": OF_THE_PLACE,
    "GET /picking/{place}/slips/{order}": OF_THE_PLACE,
    "GET /pin": STAFF,
    "POST /pin": STAFF,
    "GET /q/{code}": EVERYBODY,
    "GET /qr/{code}.png": EVERYBODY,
    "GET /qr/{code}.svg": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /sign-in": EVERYBODY,
    "POST /sign-in": EVERYBODY,
    "POST /sign-out": EVERYBODY,
    "GET /t/{ticket}": OWNER,
    "POST /t/{ticket}/cancellation": OWNER,
    "POST /t/{ticket}/postponement": OWNER,
}
STREAMS: Final[Mapping[str, frozenset[str]]] = {
    "/ws/counters/{counter}": OF_THE_HALL,
    "/ws/halls/{hall}": OF_THE_HALL | {"display"},
    "/ws/tickets/{ticket}": OWNER,
}
SAID: Final = {"resume": {"type": "resume"}}
"""What a client may say on a stream: whoever watches is answered, nobody else is heard."""

# What only people may, whatever a key allows: to let others in, and what is about the own session.
NO_KEY_OPENS: Final = re.compile(
    r"\w+ /(api/v1/(people|sessions?|keys)|sign-out|lock|pin|password|manage/{hall}/people)(/|$)"
)
# What is left to a clerk whose session is locked.
STILL_OPEN: Final = {
    "DELETE /api/v1/session",
    "GET /api/v1/session",
    "POST /api/v1/session/unlocking",
    "POST /lock",
    "POST /sign-out",
    "PUT /api/v1/session/lock",
}
# These answer for another reason than who asks: an unknown secret, a wrong password.
NO_MATTER_WHO: Final = {
    "POST /api/v1/carriers/kuaidi100/{shipment}",
    "POST /api/v1/displays/token",
    "POST /api/v1/session",
    "POST /sign-in",
}


def keys_let_in(route: str) -> frozenset[str]:
    """A key of the hall's manager opens what the manager may, but for what only people may; some only to read."""
    by_key = "manager" in LET_IN[route] and not NO_KEY_OPENS.match(route)
    reads = route.startswith("GET ") or "anonymous" in LET_IN[route]
    return KEYS - (set() if reads else {"read-only key"}) if by_key else frozenset()

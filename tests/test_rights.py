"""Every route and every stream × everybody: who is let in. One without a row here fails.

To be let in is to get past who one is: any answer but 401, 403, 404 and being sent to sign in first; of a stream, a
picture and an answer to each kind of message. The hall of an address is Heping; who is elsewhere has the same role in
Nankai, or in the province that Nankai is in.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from secrets import token_hex, token_urlsafe
from typing import Any, Final

import pytest
import pytest_asyncio
from httpx2 import AsyncClient, Response
from msgspec import structs
from starlette.routing import Mount, Route, WebSocketRoute

import messages.service
from halls.demo import DEMO_HALLS
from halls.service import put_hall
from messages.contacts import seal
from messages.models import Outgoing
from messages.schemas import Contact, Message
from messages.states import Purpose
from o2o.app import routes
from o2o.kernel.attempts import Attempt
from o2o.kernel.clock import to_ms
from o2o.kernel.database import connection, transaction
from o2o.kernel.http import Operation
from orders.contacts import OrderContact, write_contact
from orders.models import LineRecord
from orders.rights import token_of as order_token
from orders.states import Fulfilment
from qr.service import code_for_hall
from staff.browsers import KEY_PREFIX, PREFIX, session_id
from staff.models import ApiKey, Grant, Person, Session
from staff.schemas import Right
from staff.sessions import SHIFT
from staff.states import EVERYWHERE, Role
from tests.orders.goods import a_product, put
from tests.orders.made import an_order
from tests.serving import START, Service, serve, with_key
from websocket.closing import Close
from websocket.frames import MESSAGES
from websocket.state import open_live

of_one_world = pytest.mark.asyncio(loop_scope="module")

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
    "POST /sign-out": STAFF,
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

THERE: Final = {"shipment": "one", "hall": "heping", "counter": "heping-1", "province": "tianjin"}

# What a request needs to get as far as the question of who sends it. The pages' forms are not among them: a form that
# can't be read is refused after that question.
BODIES: Final = {
    "POST /api/v1/displays/token": '{"secret": "nobody.knows"}',
    "POST /api/v1/halls/{hall}/displays": '{"code": "PAIRING"}',
    "POST /api/v1/holds": '{"place": "heping", "sku": "case-x200"}',
    "PUT /api/v1/displays/{display}": '{"name": "By the stairs"}',
    "POST /display/pair": "code=PAIRING&hall=heping&key=a-key-of-the-form",
    "POST /api/v1/keys": '{"name": "a", "role": "clerk", "scope": "heping"}',
    "POST /api/v1/orders/{order}/delivery-failure": '{"reason": "a"}',
    "POST /api/v1/orders/{order}/delivery-return": '{"reason": "a"}',
    "POST /api/v1/orders/{order}/shipment": '{"carrier": "ems", "tracking": "EA123456789CN"}',
    "POST /api/v1/people": (
        '{"username": "SOMEBODY", "name": "New", "password": "long enough", '
        '"roles": [{"role": "clerk", "scope": "heping"}]}'
    ),
    "POST /api/v1/session": '{"username": "", "password": ""}',
    "POST /api/v1/session/unlocking": '{"pin": "2580"}',
    "POST /password": "of=another-form",
    "POST /stock/{place}/count": "sku=case-x200",
    "POST /pin": "of=another-form",
}
QUERIES: Final = {
    "GET /checkout": "?sku=case-x200&hall=heping",
    "GET /api/v1/keys": "?hall=heping",
    "GET /api/v1/people": "?hall=heping",
    "GET /api/v1/sessions": "?hall=heping",
}
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
OUT: Final = {401, 403, 404}
STAY_AWAY: Final = {Close.NO_RIGHT, Close.NOT_FOUND, Close.LOCKED}
# These answer for another reason than who asks: an unknown secret, a wrong password.
NO_MATTER_WHO: Final = {
    "POST /api/v1/carriers/kuaidi100/{shipment}",
    "POST /api/v1/displays/token",
    "POST /api/v1/session",
    "POST /sign-in",
}


@dataclass
class World:
    """The whole service with both halls, and somebody of each kind; made once for all rows."""

    service: Service
    client: AsyncClient
    displays: dict[str, str]

    async def bearer(self, who: str, ticket: Mapping[str, str]) -> str:
        """What this person shows: staff a new session, which nobody has ended yet."""
        if who in STAFF:
            return await self.session(who)
        if who == LOCKED:
            return await self.session("clerk", locked=True)
        if who in KEYS:
            return (await self.key("manager", read_only=who == "read-only key")).partition(" ")[2]
        if who == "owner":
            return ticket["token"]
        return (await self.ticket())["token"] if who == "another owner" else self.displays.get(who, "")

    async def ticket(self) -> dict[str, str]:
        answer = await self.write("/api/v1/halls/heping/tickets", json={"service": "sim"})
        taken: dict[str, str] = answer.json()
        return taken

    async def hold(self) -> dict[str, str]:
        """Something that is kept for whoever shows its token, by somebody new: each keeps a few things only."""
        self.client.cookies.clear()
        answer = await self.write("/api/v1/holds", json={"place": "heping", "sku": "case-x200"})
        assert answer.status_code == 201, answer.text
        made: dict[str, str] = answer.json()
        return made

    async def order(self) -> dict[str, str]:
        """Something to pick up in Heping, and the right to it."""
        order = await an_order(Fulfilment.PICKUP, order=token_hex(11))
        await LineRecord.filter(order_id=order.id).update(allocation=None)  # No place knows of it.
        contact = OrderContact("+8613812345678", pickup="abcdefghjkmn")
        await write_contact(connection(), self.service.state["signer"], order.id, contact)
        return {"id": order.id, "token": order_token(self.service.state["signer"], order.id)}

    async def address(self, route: str, ticket: str) -> str:
        """The route's address with things that are there, also when the one before has taken them away."""
        path, values = route.rsplit(maxsplit=1)[-1], THERE | {"ticket": ticket, "hold": ticket, "order": ticket}
        values |= {"sku": "case-x200", "place": "heping"}
        if "{code}" in path:
            signer, now = self.service.state["signer"], self.service.clock()
            values["code"] = (await code_for_hall(signer, "heping", now=now)).text
        if "{display}" in path:
            values["display"] = (await self.paired("heping"))["id"]
        if "{person}" in path:
            values["person"] = (await self.person(PEOPLE["clerk"])).username
        if "{session}" in path:
            values["session"] = session_id(await self.session("clerk"))
        if "{message}" in path:
            values["message"] = await self.message("heping")
        if "{key}" in path:
            values["key"] = (await self.key("clerk", read_only=False)).partition(" ")[0]
        return path.format(**values) + QUERIES.get(route, "")

    async def person(self, right: Right, name: str = "Somebody") -> Person:
        person = await Person.create(username=token_hex(8), name=name, password_hash="", created_at=0)
        await Grant.create(person=person, role=right.role.value, scope=right.scope)
        return person

    async def session(self, who: str, *, locked: bool = False) -> str:
        """The token of a new session."""
        token, now = PREFIX + token_urlsafe(32), to_ms(self.service.clock())
        ends = to_ms(self.service.clock() + SHIFT)
        session = Session(id=session_id(token), person=await Person.get(name=who), kind="api", created_at=now)
        session.update_from_dict({"last_seen_at": now, "expires_at": ends, "locked_at": now if locked else None})
        await session.save(force_create=True)
        return token

    async def key(self, who: str, *, read_only: bool) -> str:
        """The id and the token of a new key that allows what its maker, a manager, may."""
        right, token, maker = PEOPLE[who], KEY_PREFIX + token_urlsafe(32), await Person.get(name="manager")
        key = ApiKey(id=token_hex(8), token_hash=session_id(token), name=who, maker=maker, created_at=0)
        key.update_from_dict({"role": right.role.value, "scope": right.scope, "read_only": read_only})
        await key.save(force_create=True)
        return f"{key.id} {token}"

    async def message(self, hall: str) -> str:
        """The id of a message of the hall that no channel led to."""
        signer, about = self.service.state["signer"], token_hex(8)
        contact = seal(signer, Contact(phone="+8613812341234"))
        texts = {"items": "Phone case", "place": "Heping", "until": "tomorrow"}
        given = Message(
            purpose=Purpose.READY,
            subject=about,
            language="en",
            contact=contact,
            at=to_ms(START),
            params=texts,
            hall=hall,
        )
        await transaction(lambda client: messages.service.put(client, given))
        await Outgoing.filter(subject=about).update(state="kept")
        return (await Outgoing.get(subject=about)).id

    async def pairing(self) -> dict[str, str]:
        made: dict[str, str] = (await self.write("/api/v1/displays")).json()
        return made

    async def paired(self, hall: str) -> dict[str, str]:
        """A display of the hall, with its token."""
        made, hq = await self.pairing(), await self.session("hq")
        await self.write(f"/api/v1/halls/{hall}/displays", hq, json={"code": made["code"]})
        answer = await self.write("/api/v1/displays/token", json={"secret": made["secret"]})
        return made | dict(answer.json())

    async def write(self, path: str, bearer: str = "", method: str = "POST", **more: Any) -> Response:
        headers = with_key(token_urlsafe(16)) | ({"authorization": f"Bearer {bearer}"} if bearer else {})
        return await self.client.request(method, path, headers=headers, **more)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with serve(tmp_path_factory.mktemp("rights"), routes(), O2O_RATE_LIMITS="off") as service:
        for hall, province in (("heping", "tianjin"), ("nankai", "hebei")):
            given = structs.replace(DEMO_HALLS[hall], province=province, capacity=None)
            await put_hall(service.state["directory"], hall, given, now=START, actor="o2o")
        await put("case-x200", a_product())
        await service.state["stock"].receive("heping", "case-x200", 100_000, a_new_attempt())
        world = World(service, service.client(), {})
        for name, right in PEOPLE.items():
            await world.person(right, name)
        world.displays["display"] = (await world.paired("heping"))["token"]
        world.displays["display elsewhere"] = (await world.paired("nankai"))["token"]
        yield world


async def is_let_in(world: World, route: str, who: str) -> bool:
    method, owned = route.split(maxsplit=1)[0], world.hold if "{hold}" in route else world.ticket
    ticket = await (world.order if "{order}" in route else owned)()
    body = BODIES.get(route, "").replace("SOMEBODY", token_hex(8))
    if "PAIRING" in body:
        body = body.replace("PAIRING", (await world.pairing())["code"])
    bearer, path = await world.bearer(who, ticket), await world.address(route, ticket["id"])
    answer = await world.write(path, bearer, method, content=body)
    to_sign_in = answer.headers.get("location", "").startswith("/sign-in?")
    return answer.status_code not in OUT and not to_sign_in


def a_new_attempt() -> Attempt:
    return Attempt(Operation(token_urlsafe(16), ""), "staff:hq", to_ms(START))


def keys_let_in(route: str) -> frozenset[str]:
    """A key of the hall's manager opens what the manager may, but for what only people may; some only to read."""
    by_key = "anonymous" in LET_IN[route] or ("manager" in LET_IN[route] and not NO_KEY_OPENS.match(route))
    reads = route.startswith("GET ") or "anonymous" in LET_IN[route]
    return KEYS - (set() if reads else {"read-only key"}) if by_key else frozenset()


class Watcher:
    """One socket, spoken to as a server does: what it was sent, and the code that it was closed with."""

    def __init__(self, world: World, path: str, bearer: str) -> None:
        shown = [(b"authorization", f"Bearer {bearer}".encode())]
        self._scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": shown if bearer else [(b"authorization", b"Bearer guessed")],
            "client": ("192.0.2.1", 1),
            "state": world.service.state,
        }
        self._service = world.service
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()

    async def watches(self) -> bool:
        """Whether it gets a picture, and an answer to whatever it may say; closed at the end."""
        self._said.put_nowait({"type": "websocket.connect"})
        task = asyncio.create_task(self._service(self._scope, self._said.get, self._sent.put))
        task.add_done_callback(lambda _: self._sent.put_nowait({"type": "over"}))
        try:
            for said in ({"type": "nothing"}, *SAID.values()):
                self._said.put_nowait({"type": "websocket.receive", "text": json.dumps(said)})
                if not await self._is_answered():
                    return False
            return True
        finally:
            self._said.put_nowait({"type": "websocket.disconnect", "code": 1000})
            await task

    async def _is_answered(self) -> bool:
        while True:
            message = await self._sent.get()
            if message["type"] == "websocket.close":
                assert message["code"] in STAY_AWAY
                return False
            if message["type"] == "over":
                return False
            if message["type"] == "websocket.send":
                return True


def test_every_route_has_a_row() -> None:
    methods = [(route, method) for route in routes() if isinstance(route, Route) for method in route.methods or ()]

    assert {f"{method} {route.path}" for route, method in methods if method != "HEAD"} == set(LET_IN)
    assert all(isinstance(route, Route | WebSocketRoute | Mount) for route in routes())


def test_every_stream_and_every_message_has_a_row() -> None:
    assert {route.path for route in routes() if isinstance(route, WebSocketRoute)} == set(STREAMS)
    assert {message.__struct_config__.tag for message in MESSAGES} == set(SAID)


@of_one_world
@pytest.mark.parametrize("route", sorted(set(LET_IN) - NO_MATTER_WHO))
async def test_those_are_let_in_who_may(world: World, route: str) -> None:
    everybody = sorted(EVERYBODY | KEYS | {LOCKED})
    locked_too = {LOCKED} if route in STILL_OPEN or "anonymous" in LET_IN[route] else set()

    let_in = {who for who in everybody if await is_let_in(world, route, who)}

    assert let_in == LET_IN[route] | keys_let_in(route) | locked_too


@of_one_world
@pytest.mark.parametrize("route", sorted(NO_MATTER_WHO))
async def test_some_answer_everybody_the_same(world: World, route: str) -> None:
    method, path = route.split()
    bearers = ("", await world.bearer("hq", {}))

    answers = [await world.write(path, bearer, method, content=BODIES.get(route, "")) for bearer in bearers]

    assert answers[0].status_code == answers[1].status_code


@of_one_world
@pytest.mark.parametrize("stream", sorted(STREAMS))
async def test_those_watch_who_may(world: World, stream: str) -> None:
    ticket = await world.ticket()
    path = await world.address(stream, ticket["id"])

    async with AsyncExitStack() as opened:
        for state in world.service.states:  # As the application of each process does.
            reception = await opened.enter_async_context(open_live(state))
            state["reception"] = reception  # type: ignore[typeddict-unknown-key]
        watching = {
            who
            for who in sorted(EVERYBODY | KEYS | {LOCKED})
            if await Watcher(world, path, await world.bearer(who, ticket)).watches()
        }

    assert watching == STREAMS[stream] | (KEYS if "manager" in STREAMS[stream] else frozenset())

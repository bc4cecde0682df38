"""The whole service, with somebody of each kind, and things to ask for that are there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any, Final

from httpx2 import AsyncClient, Response
from msgspec import structs

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
from tests.orders.goods import a_product, put
from tests.orders.made import an_order
from tests.rights.requests import BODIES, QUERIES, THERE
from tests.rights.rows import KEYS, LOCKED, PEOPLE, STAFF
from tests.serving import START, Service, serve, with_key

OUT: Final = {401, 403, 404}


@dataclass
class World:
    """The whole service with both halls, and somebody of each kind; made once for all rows."""

    service: Service
    client: AsyncClient
    displays: dict[str, str]

    async def lets_in(self, route: str, who: str) -> bool:
        """Whether the answer is any but that they may not, or must sign in first."""
        method, owned = route.split(maxsplit=1)[0], self.hold if "{hold}" in route else self.ticket
        ticket = await (self.order if "{order}" in route else owned)()
        body = BODIES.get(route, "").replace("SOMEBODY", token_hex(8))
        if "PAIRING" in body:
            body = body.replace("PAIRING", (await self.pairing())["code"])
        bearer, path = await self.bearer(who, ticket), await self.address(route, ticket["id"])
        answer = await self.write(path, bearer, method, content=body)
        to_sign_in = answer.headers.get("location", "").startswith("/sign-in?")
        return answer.status_code not in OUT and not to_sign_in

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


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[World]:
    """The world while the block runs."""
    async with serve(folder, routes(), O2O_RATE_LIMITS="off") as service:
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


def a_new_attempt() -> Attempt:
    return Attempt(Operation(token_urlsafe(16), ""), "staff:hq", to_ms(START))

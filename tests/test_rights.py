"""Every route × everybody: who is let in. A route of the application without a row here fails.

To be let in is to get past who one is: any answer but 401, 403, 404 and being sent to sign in first. The live streams
have their own table in tests/websocket/test_streams.py.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

import pytest
from httpx2 import AsyncClient
from starlette.routing import Mount, Route, WebSocketRoute

from o2o.app import routes
from qr.service import code_for_hall
from tests.serving import Service, add_halls, add_people, serve, with_key

EVERYBODY: Final = frozenset({"anonymous", "owner", "another owner", "clerk", "clerk elsewhere", "manager", "hq"})
STAFF: Final = frozenset({"clerk", "clerk elsewhere", "manager", "hq"})
OF_THE_HALL: Final = frozenset({"clerk", "manager", "hq"})
MANAGERS: Final = frozenset({"manager", "hq"})
HQ: Final = frozenset({"hq"})
OWNER: Final = frozenset({"owner"})

LET_IN: Final = {
    "GET /": EVERYBODY,
    "GET /api/openapi.json": EVERYBODY,
    "GET /api/v1/codes/{code}": EVERYBODY,
    "DELETE /api/v1/codes/{code}": MANAGERS,
    "POST /api/v1/codes/{code}/replacement": MANAGERS,
    "GET /api/v1/halls/{hall}/codes": MANAGERS,
    "GET /api/v1/halls/{hall}/scans": MANAGERS,
    "GET /api/v1/counters/{counter}": OF_THE_HALL,
    "POST /api/v1/counters/{counter}/calls": OF_THE_HALL,
    "DELETE /api/v1/counters/{counter}/opening": OF_THE_HALL,
    "POST /api/v1/counters/{counter}/opening": OF_THE_HALL,
    "POST /api/v1/displays": EVERYBODY,
    "POST /api/v1/displays/token": EVERYBODY,
    "DELETE /api/v1/displays/{display}": MANAGERS,
    "GET /api/v1/halls": EVERYBODY,
    "GET /api/v1/halls/{hall}": EVERYBODY,
    "PUT /api/v1/halls/{hall}": HQ,
    "GET /api/v1/halls/{hall}/displays": MANAGERS,
    "POST /api/v1/halls/{hall}/displays": MANAGERS,
    "POST /api/v1/halls/{hall}/tickets": EVERYBODY,
    "DELETE /api/v1/session": STAFF,
    "GET /api/v1/session": STAFF,
    "POST /api/v1/session": EVERYBODY,
    "GET /api/v1/tickets/{ticket}": OF_THE_HALL | OWNER,
    "POST /api/v1/tickets/{ticket}/cancellation": OWNER,
    "POST /api/v1/tickets/{ticket}/completion": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/no-show": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/recall": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/requeue": OF_THE_HALL,
    "POST /api/v1/tickets/{ticket}/start": OF_THE_HALL,
    "GET /clerk": STAFF,
    "POST /clerk": STAFF,
    "GET /display": EVERYBODY,
    "GET /display/pair": MANAGERS,
    "POST /display/pair": MANAGERS,
    "GET /halls/{hall}": EVERYBODY,
    "POST /halls/{hall}": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /manage": MANAGERS,
    "GET /manage/{hall}": MANAGERS,
    "GET /metrics": EVERYBODY,
    "GET /q/{code}": EVERYBODY,
    "GET /qr/{code}.png": EVERYBODY,
    "GET /qr/{code}.svg": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /sign-in": EVERYBODY,
    "POST /sign-in": EVERYBODY,
    "POST /sign-out": STAFF,
    "GET /t/{ticket}": OWNER,
    "POST /t/{ticket}/cancellation": OWNER,
}
# What a request needs to get as far as the question of who sends it. The pages' forms are not among them: a form that
# can't be read is refused after that question.
BODIES: Final = {
    "POST /api/v1/displays/token": '{"secret": "nobody.knows"}',
    "POST /api/v1/halls/{hall}/displays": '{"code": "PAIRING"}',
    "POST /display/pair": "code=PAIRING&hall=heping&key=a-key-of-the-form",
    "POST /api/v1/session": '{"username": "", "password": ""}',
}
OUT: Final = {401, 403, 404}
# These answer for another reason than who asks: an unknown secret, a wrong password.
NO_MATTER_WHO: Final = {"POST /api/v1/displays/token", "POST /api/v1/session", "POST /sign-in"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes(), O2O_RATE_LIMITS="off") as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk5", "manager", "hq")
        yield service


async def everybody(service: Service, ticket: dict[str, str], other: dict[str, str]) -> dict[str, AsyncClient]:
    """A program for each, who shows what they have. The staff come last: what they may change stays until then."""
    return {
        "anonymous": service.client(),
        "another owner": service.client(authorization=f"Bearer {other['token']}"),
        "clerk elsewhere": await service.signed_in("clerk5"),
        "owner": service.client(authorization=f"Bearer {ticket['token']}"),
        "clerk": await service.signed_in("clerk1"),
        "manager": await service.signed_in("manager"),
        "hq": await service.signed_in("hq"),
    }


async def take_number(service: Service, key: str) -> dict[str, str]:
    address = "/api/v1/halls/heping/tickets"
    answer = await service.client().post(address, json={"service": "sim"}, headers=with_key(key))
    taken: dict[str, str] = answer.json()
    return taken


async def paired_display(service: Service, manager: AsyncClient) -> str:
    made = (await service.client().post("/api/v1/displays", headers=_new_key())).json()
    answer = await manager.post("/api/v1/halls/heping/displays", json={"code": made["code"]}, headers=_new_key())
    return str(answer.json()["id"])


def _new_key() -> dict[str, str]:
    return with_key(token_urlsafe(16))


async def address_of(service: Service, route: str, ticket: str, manager: AsyncClient) -> str:
    """The route's address with things that are there, also when the one before has taken them away."""
    code = await code_for_hall(service.state["signer"], "heping", now=service.clock())
    display = await paired_display(service, manager)
    return route.split()[1].format(hall="heping", counter="heping-1", ticket=ticket, code=code.text, display=display)


async def is_let_in(service: Service, client: AsyncClient, route: str, path: str) -> bool:
    waiting = (await service.client().post("/api/v1/displays", headers=_new_key())).json()
    body = BODIES.get(route, "").replace("PAIRING", waiting["code"])
    answer = await client.request(route.split(maxsplit=1)[0], path, content=body, headers=_new_key())
    to_sign_in = answer.headers.get("location", "").startswith("/sign-in?")
    return answer.status_code not in OUT and not to_sign_in


def test_every_route_has_a_row() -> None:
    methods = [(route, method) for route in routes() if isinstance(route, Route) for method in route.methods or ()]

    assert {f"{method} {route.path}" for route, method in methods if method != "HEAD"} == set(LET_IN)
    assert all(isinstance(route, Route | WebSocketRoute | Mount) for route in routes())


@pytest.mark.parametrize("route", sorted(set(LET_IN) - NO_MATTER_WHO))
async def test_those_are_let_in_who_may(service: Service, route: str) -> None:
    ticket, other = await take_number(service, "the-first-number"), await take_number(service, "the-second-number")
    clients = await everybody(service, ticket, other)
    manager = await service.signed_in("manager")

    let_in = {
        who
        for who, client in clients.items()
        if await is_let_in(service, client, route, await address_of(service, route, ticket["id"], manager))
    }

    assert let_in == LET_IN[route]


@pytest.mark.parametrize("route", sorted(NO_MATTER_WHO))
async def test_some_answer_everybody_the_same(service: Service, route: str) -> None:
    method, path = route.split()
    clients = (service.client(), await service.signed_in("hq"))

    answers = [await client.request(method, path, content=BODIES.get(route, "")) for client in clients]

    assert answers[0].status_code == answers[1].status_code

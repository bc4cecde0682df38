"""The live streams of the whole service: each for those who have a right to it, for as long as they have it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from httpx2 import AsyncClient

from halls.demo import DEMO_HALLS
from halls.service import Directory, put_hall
from o2o.app import create_app
from o2o.kernel.settings import read_settings
from tests.serving import PASSWORD, START, add_people, with_key
from tests.stack import stack
from tests.websocket.places import close_code, dial, heard, until
from websocket.closing import Close


@dataclass
class Whole:
    """The whole service on a port of its own; `keys` makes every write a new one."""

    port: int
    keys: int = 0

    def at(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    async def post(self, path: str, body: dict[str, Any], token: str = "", method: str = "POST") -> Any:
        self.keys += 1
        headers = with_key(f"a-key-of-this-test-{self.keys:04}") | (
            {"authorization": f"Bearer {token}"} if token else {}
        )
        async with AsyncClient(base_url=f"http://127.0.0.1:{self.port}/api/v1", trust_env=False) as client:
            answer = await client.request(method, path, json=body if method == "POST" else None, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def sign_in(self, username: str) -> str:
        return str((await self.post("/session", {"username": username, "password": PASSWORD}))["token"])

    async def ticket(self) -> dict[str, Any]:
        ticket: dict[str, Any] = await self.post("/halls/heping/tickets", {"service": "sim"})
        return ticket

    async def paired_display(self) -> str:
        device = await self.post("/displays", {})
        await self.post("/halls/heping/displays", {"code": device["code"]}, await self.sign_in("manager"))
        return str((await self.post("/displays/token", {"secret": device["secret"]}))["token"])


@pytest.fixture
async def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Whole]:
    monkeypatch.setattr("websocket.hub.RECHECK_S", 0.2)
    settings = read_settings({"O2O_BASE_URL": "http://hall.test", **stack.environ(tmp_path)})
    config = uvicorn.Config(
        create_app(settings),
        port=0,
        http="o2o.kernel.connection:OneWriteProtocol",
        ws="websocket.server:SocketProtocol",
        log_config=None,
    )
    server = uvicorn.Server(config)
    with config.bind_socket() as listener:
        task = asyncio.create_task(server.serve([listener]))
        await until(lambda: server.started)
        await add_people("clerk1", "clerk5", "manager", "hq")
        for hall in ("heping", "nankai"):
            await put_hall(Directory(), hall, DEMO_HALLS[hall], now=START, actor="o2o")
        yield Whole(listener.getsockname()[1])
        server.should_exit = True
        await task


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_display_shows_a_call_as_it_is_made(whole: Whole) -> None:
    clerk, ticket = await whole.sign_in("clerk1"), await whole.ticket()

    async with dial(whole.at("/ws/halls/heping"), additional_headers=bearer(await whole.paired_display())) as client:
        [snapshot] = await heard(client, 1)
        await whole.post("/counters/heping-1/opening", {}, clerk)
        await whole.post("/counters/heping-1/calls", {}, clerk)
        opened, called = await heard(client, 2)

    assert snapshot["state"]["next"][0]["numbers"] == [ticket["number"]]
    assert snapshot["state"]["hall"]["qr"].startswith("/qr/")
    assert (opened["name"], called["name"]) == ("counter.opened", "ticket.called")
    assert called["data"]["number"] == ticket["number"]
    assert called["data"]["counter"] == "heping-1"
    assert called["version"] == opened["version"] + 1 == snapshot["version"] + 2


async def test_who_claims_to_know_less_than_nothing_is_shown_all(whole: Whole) -> None:
    """There is no version below zero to ask Redis for."""
    await whole.ticket()

    async with dial(whole.at("/ws/halls/heping"), additional_headers=bearer(await whole.paired_display())) as client:
        [first] = await heard(client, 1)
        await client.send(json.dumps({"type": "resume", "epoch": first["epoch"], "version": -1}))
        [frame] = await heard(client, 1)

    assert (frame["type"], frame["version"]) == ("snapshot", first["version"])


async def test_an_owner_follows_the_own_ticket(whole: Whole) -> None:
    first, second = await whole.ticket(), await whole.ticket()
    clerk = await whole.sign_in("clerk1")

    async with dial(whole.at(f"/ws/tickets/{second['id']}"), additional_headers=bearer(second["token"])) as client:
        [snapshot] = await heard(client, 1)
        await whole.post("/counters/heping-1/opening", {}, clerk)
        await whole.post("/counters/heping-1/calls", {}, clerk)
        [_opened, called] = await heard(client, 2)

    assert snapshot["state"]["ticket"]["people_ahead"] == 1
    assert called["data"]["id"] == first["id"]
    assert called["data"]["yours"]["people_ahead"] == 0
    assert "token" not in called["data"]["yours"]


async def test_a_browser_watches_its_ticket_by_the_cookie(whole: Whole) -> None:
    ticket = await whole.ticket()
    headers = {"Cookie": f"t_{ticket['id']}={ticket['token']}"}

    async with dial(
        whole.at(f"/ws/tickets/{ticket['id']}"), origin=f"http://127.0.0.1:{whole.port}", additional_headers=headers
    ) as client:
        [snapshot] = await heard(client, 1)

    assert snapshot["state"]["ticket"]["id"] == ticket["id"]


async def test_a_clerk_works_at_a_counter(whole: Whole) -> None:
    ticket, clerk = await whole.ticket(), await whole.sign_in("clerk1")
    await whole.post("/counters/heping-1/opening", {}, clerk)
    await whole.post("/counters/heping-1/calls", {}, clerk)

    async with dial(whole.at("/ws/counters/heping-1"), additional_headers=bearer(clerk)) as client:
        [snapshot] = await heard(client, 1)
        await whole.post(f"/tickets/{ticket['id']}/start", {}, clerk)
        await whole.post(f"/tickets/{ticket['id']}/completion", {}, clerk)
        await heard(client, 2)
    async with dial(whole.at("/ws/counters/heping-1"), additional_headers=bearer(clerk)) as client:
        [later] = await heard(client, 1)

    assert (snapshot["state"]["current"]["id"], snapshot["state"]["today"]) == (ticket["id"], {"served": 0})
    assert (later["state"]["current"], later["state"]["today"]) == (None, {"served": 1})


@pytest.mark.parametrize(
    ("path", "username", "code"),
    [
        ("/ws/halls/heping", "clerk5", Close.NO_RIGHT),
        ("/ws/counters/heping-1", "clerk5", Close.NO_RIGHT),
        ("/ws/tickets/of-somebody-else", "hq", Close.NO_RIGHT),
        ("/ws/halls/nowhere", "hq", Close.NOT_FOUND),
        ("/ws/counters/nowhere-1", "hq", Close.NOT_FOUND),
        ("/ws/counters/longer-than-any-id-of-ours-" + 40 * "x", "hq", Close.NOT_FOUND),
    ],
)
async def test_staff_have_no_right_elsewhere(whole: Whole, path: str, username: str, code: Close) -> None:
    async with dial(whole.at(path), additional_headers=bearer(await whole.sign_in(username))) as client:
        assert await close_code(client) == code


@pytest.mark.parametrize("path", ["/ws/halls/heping", "/ws/counters/heping-1", "/ws/tickets/x"])
async def test_a_stranger_has_no_right_anywhere(whole: Whole, path: str) -> None:
    async with dial(whole.at(path), additional_headers=bearer("guessed")) as client:
        assert await close_code(client) == Close.NO_RIGHT


async def test_who_shows_nothing_is_told_so_by_the_close_code(whole: Whole) -> None:
    async with dial(whole.at("/ws/halls/heping"), additional_headers={}) as client:
        assert await close_code(client) == Close.NO_RIGHT


async def test_another_tickets_token_is_no_right(whole: Whole) -> None:
    mine, other = await whole.ticket(), await whole.ticket()

    async with dial(whole.at(f"/ws/tickets/{other['id']}"), additional_headers=bearer(mine["token"])) as client:
        assert await close_code(client) == Close.NO_RIGHT


async def test_a_display_sees_only_its_own_hall(whole: Whole) -> None:
    token = await whole.paired_display()

    async with dial(whole.at("/ws/halls/nankai"), additional_headers=bearer(token)) as client:
        assert await close_code(client) == Close.NO_RIGHT


async def test_signing_out_closes_the_socket(whole: Whole) -> None:
    clerk = await whole.sign_in("clerk1")

    async with dial(whole.at("/ws/counters/heping-1"), additional_headers=bearer(clerk)) as client:
        await heard(client, 1)
        await whole.post("/session", {}, clerk, method="DELETE")
        assert await close_code(client) == Close.REVOKED


async def test_locking_closes_the_socket_until_it_is_unlocked(whole: Whole) -> None:
    clerk = await whole.sign_in("clerk1")

    async with dial(whole.at("/ws/counters/heping-1"), additional_headers=bearer(clerk)) as client:
        await heard(client, 1)
        await whole.post("/session/lock", {}, clerk, method="PUT")
        assert await close_code(client) == Close.LOCKED
    async with dial(whole.at("/ws/counters/heping-1"), additional_headers=bearer(clerk)) as client:
        assert await close_code(client) == Close.LOCKED


async def test_a_revoked_display_is_closed(whole: Whole) -> None:
    token, manager = await whole.paired_display(), await whole.sign_in("manager")
    device = token.partition(".")[0]

    async with dial(whole.at("/ws/halls/heping"), additional_headers=bearer(token)) as client:
        await heard(client, 1)
        await whole.post(f"/displays/{device}", {}, manager, method="DELETE")
        assert await close_code(client) == Close.REVOKED


async def test_a_display_that_was_revoked_is_not_let_in_again(whole: Whole) -> None:
    """Though it was believed in the same second."""
    token, manager = await whole.paired_display(), await whole.sign_in("manager")
    device = token.partition(".")[0]
    async with dial(whole.at("/ws/halls/heping"), additional_headers=bearer(token)) as client:
        await heard(client, 1)

    await whole.post(f"/displays/{device}", {}, manager, method="DELETE")

    async with dial(whole.at("/ws/halls/heping"), additional_headers=bearer(token)) as client:
        assert await close_code(client) == Close.REVOKED


async def test_a_clerk_is_told_whom_the_counter_would_call_next(whole: Whole) -> None:
    first, clerk = await whole.ticket(), await whole.sign_in("clerk1")
    await whole.post("/counters/heping-1/opening", {}, clerk)

    async with dial(whole.at("/ws/counters/heping-1"), additional_headers=bearer(clerk)) as client:
        [snapshot] = await heard(client, 1)
        prior = await whole.post("/halls/heping/tickets", {"service": "bill", "class": "priority"}, clerk)
        [issued] = await heard(client, 1)

    assert snapshot["state"]["order"] == [first["id"]]
    assert issued["data"]["order"] == [prior["id"], first["id"]]


async def test_everybody_who_watches_hears_of_a_pause_in_both_languages(whole: Whole) -> None:
    ticket, manager = await whole.ticket(), await whole.sign_in("manager")
    words = {"zh-CN": "请先离开大厅", "en": "Please leave the hall"}

    async with (
        dial(whole.at("/ws/halls/heping"), additional_headers=bearer(manager)) as hall,
        dial(whole.at(f"/ws/tickets/{ticket['id']}"), additional_headers=bearer(ticket["token"])) as owner,
    ):
        await heard(hall, 1)
        await heard(owner, 1)
        await whole.post("/halls/heping/pause", {"issuing": True, "calling": True, "message": words}, manager)
        [shown], [told] = await heard(hall, 1), await heard(owner, 1)
    async with dial(whole.at(f"/ws/tickets/{ticket['id']}"), additional_headers=bearer(ticket["token"])) as owner:
        [snapshot] = await heard(owner, 1)

    assert (shown["name"], shown["data"]["board"]["pause"]["message"]) == ("hall.paused", words)
    assert (told["name"], told["data"]["pause"]["issuing"]) == ("hall.paused", True)
    assert snapshot["state"]["pause"]["message"] == words

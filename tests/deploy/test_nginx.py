"""nginx as deploy/ has it, in front of the service: people, sockets and addresses pass; rights stay out of logs."""

import asyncio
import json
import secrets
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from httpx2 import AsyncClient, Response
from websockets.asyncio.client import connect

from orders.stock.csv_reading import MOST_BYTES
from tests.deploy.front import Front, behind_nginx
from tests.installation import PATIENCE_S, Installation

HTML = {"accept": "text/html"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Front, Installation]]:
    async with behind_nginx(tmp_path_factory.mktemp("front")) as both:
        yield both


@pytest.fixture
def front(both: tuple[Front, Installation]) -> Front:
    return both[0]


async def take(client: AsyncClient) -> Response:
    headers = {"idempotency-key": secrets.token_hex(12)}
    return await client.post("/api/v1/halls/nankai/tickets", json={"service": "sim"}, headers=headers)


async def sign_in(client: AsyncClient, claimed: str) -> int:
    """The status of a wrong sign-in by somebody who claims to come from that address."""
    headers = {"x-forwarded-for": claimed}
    wrong = {"username": "clerk1", "password": "wrong"}
    return (await client.post("/api/v1/session", json=wrong, headers=headers)).status_code


async def test_the_configuration_is_one(front: Front) -> None:
    done = await asyncio.to_thread(subprocess.run, front.command("-t"), capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


async def test_pages_and_the_api_pass(front: Front) -> None:
    async with front.client() as client:
        page, taken = await client.get("/halls/nankai", headers=HTML), await take(client)

    assert (page.status_code, taken.status_code) == (200, 201)
    assert page.headers["strict-transport-security"]


async def test_who_comes_by_http_is_sent_to_https(front: Front) -> None:
    async with AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{front.plain}/halls/heping", headers={"host": "localhost"})

    assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/halls/heping")


async def test_the_right_to_a_ticket_reaches_no_log(both: tuple[Front, Installation]) -> None:
    front, installed = both
    async with front.client() as client:
        taken = (await take(client)).json()
        opened = await client.get(f"/t/{taken['id']}?k={taken['token']}", headers=HTML)

    assert opened.status_code == 303
    assert "Secure" in opened.headers["set-cookie"]
    while '"path":"/t/-"' not in front.logs():
        await asyncio.sleep(0.1)
    assert taken["token"] not in front.logs() + installed.log.read_text()
    assert taken["id"] not in front.logs()


async def test_a_socket_passes(front: Front) -> None:
    async with front.client() as client:
        taken = (await take(client)).json()
    address = f"wss://localhost:{front.port}/ws/tickets/{taken['id']}"
    headers = {"authorization": f"Bearer {taken['token']}"}

    async with connect(address, ssl=front.trust, additional_headers=headers, proxy=None) as socket:
        frame = json.loads(await asyncio.wait_for(socket.recv(), 30))

    assert frame["type"] == "snapshot"


async def test_an_address_that_is_claimed_counts_for_nothing_and_the_real_one_does(front: Front) -> None:
    async with front.client("127.0.0.2") as one, front.client("127.0.0.3") as other:
        async with asyncio.timeout(PATIENCE_S):
            addresses = (f"192.0.2.{n}" for n in range(1, 255))  # On a slow machine the first pauses are over at once.
            while await sign_in(one, next(addresses)) != 429:
                continue
        elsewhere = await sign_in(other, "192.0.2.1")

    assert elsewhere == 401


async def test_static_files_come_from_the_cache_and_are_compressed(front: Front) -> None:
    async with front.client() as client:
        page = (await client.get("/halls/nankai", headers=HTML)).text
        address = next(part for part in page.split('"') if part.startswith("/static/") and ".css" in part)
        answers = [await client.get(address, headers={"accept-encoding": "gzip"}) for _ in range(2)]

    assert answers[1].headers["x-cache"] == "HIT"
    assert answers[1].headers["content-encoding"] == "gzip"
    assert "immutable" in answers[1].headers["cache-control"]


async def test_a_page_is_not_compressed(front: Front) -> None:
    async with front.client() as client:
        page = await client.get("/halls/nankai", headers={**HTML, "accept-encoding": "gzip"})

    assert "content-encoding" not in page.headers


async def test_figures_are_for_this_machine_alone(front: Front) -> None:
    async with front.client() as here, front.client("127.0.0.2") as elsewhere:
        assert (await here.get("/metrics")).status_code == 200
        assert (await elsewhere.get("/metrics")).status_code == 403


async def test_a_body_of_a_megabyte_is_refused(front: Front) -> None:
    async with front.client() as client:
        headers = {"idempotency-key": secrets.token_hex(12)}
        answer = await client.post("/api/v1/halls/nankai/tickets", content=b"x" * 2**20, headers=headers)

    assert answer.status_code == 413


async def test_a_file_of_stock_passes_as_large_as_the_service_takes_it(front: Front) -> None:
    """Twice its 256 KiB: what was looked at goes along with the form. Who sends it is the service's to ask."""
    files = {"file": ("stock.csv", b"x" * MOST_BYTES), "text": (None, b"x" * MOST_BYTES)}
    async with front.client() as client:
        answer = await client.post("/stock/heping/import", files=files, headers=HTML)

    assert answer.status_code == 401


async def test_while_the_service_is_away_people_read_that_nothing_is_lost(tmp_path: Path) -> None:
    front = Front(tmp_path / "nginx", 1)
    async with front.running(), front.client() as client:
        page = await client.get("/t/somebody?k=a-right-that-nobody-may-read", headers=HTML)
        sent = await client.post("/halls/nankai", data={"service": "sim"}, headers=HTML)
        problem = await take(client)
        await client.get("/%74/written-in-another-way", headers=HTML)
        await client.get("/halls//t/written-in-a-third", headers=HTML)
    logged = [json.loads(line) for line in (front.folder / "access.log").read_text().splitlines()][-5:]

    assert [(one["path"], one["status"], one["upstream"]) for one in logged] == [
        ("/t/-", 503, "502"),
        ("/halls/nankai", 503, "502"),
        ("/api/v1/halls/nankai/tickets", 503, "502"),
        ("-", 503, "502"),
        ("-", 503, "502"),
    ]
    assert "it is done only once" in sent.text
    assert "Go back</button>" in sent.text
    assert "fetch" not in sent.text  # It would ask for a page that is only sent to.
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "不会丢失" in page.text
    assert "is kept" in page.text
    assert (problem.status_code, problem.headers["content-type"]) == (503, "application/problem+json; charset=utf-8")
    assert problem.json()["code"] == "unavailable"
    assert "a-right-that-nobody-may-read" not in front.logs()
    assert "written-in" not in front.logs()

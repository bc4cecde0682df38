"""What every answer carries, what is counted and logged, and what never is."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import msgspec
import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from o2o.kernel.access import FLUSH_S, MANY, AccessLog, Line, as_json, as_text
from o2o.kernel.errors import ConflictError, InvalidError, TooManyError, UnauthorizedError
from o2o.kernel.middleware import RequestMiddleware
from o2o.kernel.problems import HANDLERS


async def show(request: Request) -> Response:
    return PlainTextResponse(request.path_params["thing"])


async def show_own(_request: Request) -> Response:
    return PlainTextResponse(
        "x", headers={"Content-Security-Policy": "default-src 'self'", "Cache-Control": "no-cache"}
    )


async def refuse(_request: Request) -> Response:
    raise ConflictError("There are %(count)s of them.", count=3, status="kept out")


async def refuse_input(_request: Request) -> Response:
    raise InvalidError("The field “%(field)s” is missing.", field="service")


async def refuse_more(_request: Request) -> Response:
    raise TooManyError("Try again in %(retry_after)s seconds.", retry_after=7)


async def refuse_strangers(_request: Request) -> Response:
    raise UnauthorizedError("Please sign in.")


async def fail(_request: Request) -> Response:
    raise RuntimeError("secret-detail")


PATHS = {
    "own": show_own,
    "conflict": refuse,
    "input": refuse_input,
    "more": refuse_more,
    "in": refuse_strangers,
    "bug": fail,
}


@pytest.fixture
def written() -> list[bytes]:
    return []


@pytest.fixture
def access(written: list[bytes]) -> AccessLog:
    return AccessLog(as_json, written.append)


@pytest.fixture
async def client(access: AccessLog) -> AsyncIterator[httpx2.AsyncClient]:
    routes = [Route("/things/{thing}", show), *(Route(f"/api/{path}", handler) for path, handler in PATHS.items())]
    routes += [Route("/api/own", refuse, methods=["DELETE"]), Route("/conflict", refuse), Route("/bug", fail)]
    guard = Middleware(RequestMiddleware, https=True, access=access)
    app = Starlette(routes=routes, middleware=[guard], exception_handlers=HANDLERS)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://hall.test") as client:
        client.headers["accept-language"] = "en"
        yield client


async def test_every_answer_is_guarded(client: httpx2.AsyncClient) -> None:
    headers = (await client.get("/things/a")).headers

    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert headers["strict-transport-security"] == "max-age=31536000"


async def test_json_is_guarded_without_what_is_about_documents(client: httpx2.AsyncClient) -> None:
    headers = (await client.get("/api/conflict")).headers

    assert headers["content-type"] == "application/problem+json"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert not {"referrer-policy", "permissions-policy", "cross-origin-opener-policy"} & set(headers)


async def test_an_answer_s_own_policy_stays(client: httpx2.AsyncClient) -> None:
    headers = (await client.get("/api/own")).headers

    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["cache-control"] == "no-cache"


async def test_a_request_s_id_comes_back(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/things/a", headers={"X-Request-ID": "proxy-0815"})

    assert answer.headers["x-request-id"] == "proxy-0815"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", 'with"quote'])
async def test_an_unfit_id_is_replaced(given: str, client: httpx2.AsyncClient) -> None:
    answer = await client.get("/things/a", headers={"X-Request-ID": given})

    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 16


async def test_a_request_is_logged_by_its_route_never_by_its_address(
    client: httpx2.AsyncClient, access: AccessLog, written: list[bytes]
) -> None:
    await client.get("/things/13900000000?k=token", headers={"X-Request-ID": "proxy-0815"})
    access.flush()

    (line,) = b"".join(written).splitlines()
    assert msgspec.json.decode(line)["route"] == "/things/{thing}"
    assert msgspec.json.decode(line)["request"] == "proxy-0815"
    assert b"13900000000" not in line
    assert b"token" not in line


async def test_lines_are_written_together_and_soon(
    client: httpx2.AsyncClient, written: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("o2o.kernel.access.FLUSH_S", 10 * FLUSH_S)  # Three requests may take a while on a busy machine.
    for _ in range(3):
        await client.get("/things/a")

    assert written == []
    async with asyncio.timeout(60):
        while not written:
            await asyncio.sleep(0.02)
    assert [lines.count(b"\n") for lines in written] == [3]


async def test_many_lines_do_not_wait(access: AccessLog, written: list[bytes]) -> None:
    for _ in range(MANY):
        access.note("GET", "/", 200, 0.001, None)

    assert len(written) == 1


def test_a_terminal_shows_a_line_that_is_read_at_a_glance() -> None:
    line = Line("2026-11-22T10:40:12.000+00:00", "POST", "/api/v1/halls/{hall}/tickets", 201, 3.2, None)

    assert as_text(line) == b"10:40:12 info    request POST /api/v1/halls/{hall}/tickets 201 3.2 ms"


async def test_a_request_is_counted_by_its_route(client: httpx2.AsyncClient) -> None:
    labels = {"route": "/things/{thing}", "method": "GET", "status": "200"}
    before = REGISTRY.get_sample_value("o2o_http_requests_total", labels) or 0

    await client.get("/things/a")

    assert REGISTRY.get_sample_value("o2o_http_requests_total", labels) == before + 1


async def test_a_method_nobody_knows_makes_no_series_of_its_own(client: httpx2.AsyncClient) -> None:
    await client.request("BREW", "/nowhere")

    labels = {"route": "unmatched", "method": "other", "status": "404"}
    assert REGISTRY.get_sample_value("o2o_http_requests_total", labels)


async def test_a_refusal_is_a_problem_with_its_details(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/conflict", headers={"accept": "text/html"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "There are 3 of them.",
        "code": "conflict",
        "count": 3,
        "request_id": answer.headers["x-request-id"],
    }


async def test_bad_input_names_the_field(client: httpx2.AsyncClient) -> None:
    problem = (await client.get("/api/input")).json()

    assert (problem["status"], problem["code"], problem["field"]) == (400, "invalid", "service")


async def test_who_comes_too_often_is_told_when_to_come_back(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/more")

    assert answer.headers["retry-after"] == "7"
    assert answer.json()["detail"] == "Try again in 7 seconds."


async def test_a_stranger_is_told_how_to_sign_in(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/in")

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="o2o"')


async def test_a_mistake_of_ours_is_not_shown(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/bug")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret-detail" not in answer.text
    assert len(answer.json()["request_id"]) == 16


async def test_an_unknown_address_and_a_wrong_method_are_problems_too(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/none")).json()["code"] == "not_found"
    assert (await client.post("/api/own")).json()["code"] == "method_not_allowed"


async def test_a_wrong_method_is_told_what_every_route_of_the_address_takes(client: httpx2.AsyncClient) -> None:
    assert (await client.put("/api/own")).headers["allow"] == "DELETE, GET, HEAD"


async def test_a_person_gets_a_page(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/conflict", headers={"accept": "text/html"})

    assert (answer.status_code, answer.headers["content-type"]) == (409, "text/html; charset=utf-8")
    assert "There are 3 of them." in answer.text


async def test_a_page_of_a_mistake_of_ours_carries_its_number(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/bug", headers={"accept": "text/html", "X-Request-ID": "proxy-0815"})

    assert answer.status_code == 500
    assert "proxy-0815" in answer.text
    assert "secret-detail" not in answer.text

"""The index finds the route that trying one after the other would find."""

from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, WebSocketRoute

from o2o.app import routes
from o2o.kernel.openapi import PREFIX, documented
from o2o.kernel.problems import HANDLERS
from o2o.kernel.routing import IndexedRouter

ROUTES = [route for route in routes() if isinstance(route, Route | WebSocketRoute)]
ODD = ["", "/", "//", "/api", "/api/v1/", "/api/v1/tickets", "/static", "/static/x.css", "/nowhere/at/all", "*"]


def first_by_one(every: list[BaseRoute], scope: dict[str, Any]) -> BaseRoute | None:
    return next((route for route in every if route.matches(scope)[0] is Match.FULL), None)


def scope_of(path: str, method: str = "GET", kind: str = "http") -> dict[str, Any]:
    return {"type": kind, "path": path, "method": method, "root_path": ""}


@pytest.mark.parametrize(
    "route", ROUTES, ids=lambda route: f"{route.path} {' '.join(sorted(getattr(route, 'methods', ())))}"
)
def test_every_route_is_found_as_by_trying_all(route: Route | WebSocketRoute) -> None:
    router = IndexedRouter(routes())
    path = route.path_format.format_map(dict.fromkeys(route.param_convertors, "x"))
    for method in getattr(route, "methods", None) or ["GET"]:
        scope = scope_of(path, method, "http" if isinstance(route, Route) else "websocket")

        found = first_by_one(list(router.candidates(path)), scope)

        assert found is not None
        assert found is first_by_one(router.routes, scope)


@pytest.mark.parametrize("path", ODD)
def test_an_odd_path_is_found_as_by_trying_all(path: str) -> None:
    router = IndexedRouter(routes())

    assert first_by_one(list(router.candidates(path)), scope_of(path)) is first_by_one(router.routes, scope_of(path))


def test_few_routes_are_tried() -> None:
    router = IndexedRouter(routes())

    assert len(router.candidates("/ws/halls/heping")) <= 3 < len(router.routes)


async def test_a_parameter_that_nothing_reads_is_refused_as_an_unknown_field_is() -> None:
    @documented(resp={200: None})
    async def show(_request: Request) -> Response:
        return PlainTextResponse("shown")

    app = Starlette(exception_handlers=HANDLERS)
    app.router = IndexedRouter([Route(f"{PREFIX}a/{{one}}", show), Route("/q/{one}", show)])
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://hall.test") as client:
        refused = await client.get(f"{PREFIX}a/1?lnag=en", headers={"Accept-Language": "en"})
        others = [await client.get(path) for path in (f"{PREFIX}a/1?lang=en&empty=", "/q/1?from=timeline")]

    assert (refused.status_code, refused.json()["field"]) == (400, "lnag")
    assert refused.json()["detail"] == "The field “lnag” is not known here."
    assert [answer.text for answer in others] == ["shown", "shown"]


async def test_what_no_route_fits_is_answered_as_starlette_does() -> None:
    async def show(_request: Request) -> Response:
        return PlainTextResponse("shown")

    app = Starlette()
    app.router = IndexedRouter([Route("/a/{one}", show, methods=["GET"]), Mount("/b", Starlette())])
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://hall.test") as client:
        answers = [
            await client.get("/a/1"),
            await client.get("/a/1/"),
            await client.get("/c"),
            await client.post("/a/1"),
        ]

    assert [answer.status_code for answer in answers] == [200, 307, 404, 405]

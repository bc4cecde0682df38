"""The document describes what is served."""

from typing import Any

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from o2o.app import routes
from o2o.kernel import openapi
from o2o.kernel.openapi import DOCUMENT, PREFIX, document, documented


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    service: str


class Thing(msgspec.Struct):
    id: str
    wish: Wish


class Search(msgspec.Struct):
    limit: int = 10


@documented(json=Wish, resp={201: Thing, 409: None})
async def create_thing(_request: Request) -> Response:
    """Make a thing."""
    return Response()


@documented(query=Search, resp={200: Thing})
async def show_thing(_request: Request) -> Response:
    """See it."""
    return Response()


@documented(resp={204: None}, keyed=False)
async def create_unkeyed(_request: Request) -> Response:
    return Response()


@documented(json=Search, resp={201: Thing})
async def create_easy(_request: Request) -> Response:
    return Response()


async def unwrapped(_request: Request) -> Response:
    return Response()


@pytest.fixture
def described() -> dict[str, Any]:
    return document(
        [
            Route("/api/v1/things", create_thing, methods=["POST"]),
            Route("/api/v1/things/{thing}", show_thing, methods=["GET"]),
            Route("/api/v1/unkeyed", create_unkeyed, methods=["POST"]),
        ]
    )


def test_every_route_of_the_api_is_described() -> None:
    served = [route for route in routes() if isinstance(route, Route) and route.path.startswith(PREFIX)]

    assert {route.path for route in served} == set(document(served)["paths"]) != set()


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """The service's own document."""
    return document(routes())


def test_what_changes_something_says_what_it_takes_so_that_nothing_else_is_taken(whole: dict[str, Any]) -> None:
    changing = {
        f"{method} {path}": "requestBody" in operation
        for path, operations in whole["paths"].items()
        for method, operation in operations.items()
        if method in {"post", "put"}
    }

    assert [name for name, says in changing.items() if not says] == ["post /api/v1/carriers/kuaidi100/{shipment}"]


async def test_what_is_served_is_the_whole_document(whole: dict[str, Any]) -> None:
    [route] = [route for route in routes() if isinstance(route, Route) and route.path == DOCUMENT]

    served = await route.endpoint(Request({"type": "http"}))

    assert msgspec.json.decode(served.body) == msgspec.json.decode(msgspec.json.encode(whole))


def test_so_are_codes_and_what_operators_ask(whole: dict[str, Any]) -> None:
    paths = whole["paths"]

    assert {"/q/{code}", "/qr/{code}.svg", "/qr/{code}.png", "/healthz", "/readyz", "/metrics"} <= set(paths)
    assert list(paths["/qr/{code}.png"]["get"]["responses"]["200"]["content"]) == ["image/png"]
    assert list(paths["/readyz"]["get"]["responses"]["503"]["content"]) == ["application/json"]


def test_no_two_shapes_share_a_name(whole: dict[str, Any]) -> None:
    nested = [shape for model in openapi._tree.models.values() for shape in model.get("$defs", {}).items()]

    assert [name for name, shape in nested if whole["components"]["schemas"][name] != shape] == []


def test_a_document_made_again_is_as_whole(whole: dict[str, Any]) -> None:
    assert document(routes()) == whole


def test_the_document_of_the_service_names_nothing_that_is_missing(whole: dict[str, Any]) -> None:
    text = msgspec.json.encode(whole).decode()
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert whole["openapi"].startswith("3.")
    assert named <= set(whole["components"]["schemas"])


def test_input_and_output_have_their_schemas(described: dict[str, Any]) -> None:
    operation = described["paths"]["/api/v1/things"]["post"]

    assert operation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Wish"}
    assert operation["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Thing"
    }
    assert described["components"]["schemas"]["Wish"]["additionalProperties"] is False


def test_a_body_that_may_be_empty_may_be_left_out() -> None:
    made = document(
        [Route("/api/v1/x", create_thing, methods=["POST"]), Route("/api/v1/y", create_easy, methods=["POST"])]
    )

    assert made["paths"]["/api/v1/x"]["post"]["requestBody"]["required"] is True
    assert made["paths"]["/api/v1/y"]["post"]["requestBody"]["required"] is False


def test_every_operation_may_be_refused_with_a_problem(described: dict[str, Any]) -> None:
    operation = described["paths"]["/api/v1/things"]["post"]

    for status in ("409", "400", "default"):
        assert "application/problem+json" in operation["responses"][status]["content"]


def test_a_write_asks_for_its_key(described: dict[str, Any]) -> None:
    keyed, unkeyed = (described["paths"][f"/api/v1/{path}"]["post"] for path in ("things", "unkeyed"))

    assert [parameter["name"] for parameter in keyed["parameters"]] == ["lang", "Idempotency-Key"]
    assert [parameter["name"] for parameter in unkeyed["parameters"]] == ["lang"]


def test_a_read_has_its_parameters_and_its_sentence(described: dict[str, Any]) -> None:
    operation = described["paths"]["/api/v1/things/{thing}"]["get"]

    assert {parameter["name"]: parameter["in"] for parameter in operation["parameters"]} == {
        "thing": "path",
        "limit": "query",
        "lang": "query",
    }
    assert operation["summary"] == "See it."
    assert described["paths"]["/api/v1/things"]["post"]["summary"] == "Make a thing."


def test_a_handler_runs_as_it_was_written() -> None:
    assert documented(resp={204: None})(unwrapped) is unwrapped

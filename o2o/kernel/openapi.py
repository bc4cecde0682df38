"""The OpenAPI document, by spectree from what each endpoint says of itself.

spectree's own wrapper costs a part of each request even when it validates nothing, so it wraps a stand-in that only the
document sees; handlers run as they were written, and read their input with msgspec.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, Final, TypeVar

import msgspec
from spectree import SpecTree
from spectree.model_adapter import get_msgspec_model_adapter
from spectree.models import SecureType, SecurityScheme, SecuritySchemeData
from spectree.response import Response as Responses
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.http import Nothing, reply
from o2o.kernel.http import query as read_query
from o2o.kernel.i18n import LANG, LANGUAGES
from o2o.kernel.problems import Problem

H = TypeVar("H", bound=Callable[..., Awaitable[Response]])
Model = type[msgspec.Struct] | None

VERSION: Final = "1"  # The API's, as in its addresses.
PREFIX: Final = "/api/v1/"
DOCUMENT: Final = "/api/openapi.json"
PROBLEM: Final = {
    "description": "A refusal, in the reader's language",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 16, "maxLength": 64, "pattern": "^[!-~]{16,64}$"},
    "description": "The same key with the same body gives the same answer, and is done once.",
}

LANGUAGE: Final = {
    "name": LANG,
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": f"Before Accept-Language: {', '.join(LANGUAGES)}.",
}

_tree: Final = SpecTree(
    "starlette",
    model_adapter=get_msgspec_model_adapter(),
    validation_error_status=400,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    title="o2o",
    version=VERSION,
    mode="strict",
    annotations=False,
    security_schemes=[SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
)
_stand_ins: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}
_keyless: Final[set[str]] = set()
_media: Final[dict[str, str]] = {}
_queryless: Final[set[Callable[..., Any]]] = set()


def documented(
    *,
    resp: Mapping[int, Model],
    json: Model = None,
    query: Model = None,
    keyed: bool = True,
    media: str = "",
) -> Callable[[H], H]:
    """Say what a handler takes and answers. `keyed`: a POST of it needs an Idempotency-Key; `media`: not JSON but this.

    The summary is the handler's docstring. Refusals are added to every operation.
    """

    def register(handler: H) -> H:
        async def stand_in() -> None:
            """Never called."""

        stand_in.__name__ = handler.__name__
        stand_in.__doc__ = handler.__doc__
        responses = Responses(**{f"HTTP_{status}": model for status, model in resp.items()})
        operation = f"{handler.__module__}.{handler.__name__}".replace(".", "_")
        if not keyed:
            _keyless.add(operation)
        if media:
            _media[operation] = media
        if query is None:
            _queryless.add(handler)
        validate = _tree.validate(
            json=json,
            query=query,
            resp=responses,
            tags=[handler.__module__.split(".")[0]],
            skip_validation=True,
            operation_id=operation,
        )
        _stand_ins[handler] = validate(stand_in)
        return handler

    return register


def refuse_unread(request: Request[Any], handler: Callable[..., Any]) -> None:
    """Refuse a query string for an operation of the API that reads none. Raises InvalidError: an unknown field."""
    if handler in _queryless and request.scope["path"].startswith(PREFIX):
        read_query(request, Nothing)


def document(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """The OpenAPI document of those of `routes` that are documented."""
    described = [
        SimpleNamespace(path=route.path, methods=route.methods, app=stand_in, endpoint=stand_in)
        for route in routes
        if isinstance(route, Route) and (stand_in := _stand_ins.get(route.endpoint))
    ]
    _tree.app = SimpleNamespace(routes=described)
    models = deepcopy(_tree.models)
    made: dict[str, Any] = _tree._generate_spec()  # noqa: SLF001 - `spec` keeps the first one made for ever
    _tree.models = models  # Making a document takes the nested ones out of them.
    for path in made["paths"].values():
        for method, operation in path.items():
            _complete(method, operation, made["components"]["schemas"])
    made["security"] = [{}, {"token": []}]
    return made


def document_route(routes: Iterable[BaseRoute]) -> Route:
    """The route that serves the document of `routes`, made at the first request."""
    known = list(routes)
    made: list[bytes] = []

    async def show_document(_request: Request[Any]) -> Response:
        if not made:
            made.append(msgspec.json.encode(document(known)))
        return reply(made[0])

    return Route(DOCUMENT, show_document, name="openapi")


def _needs_body(body: dict[str, Any], schemas: Mapping[str, Any]) -> bool:
    """A missing body is read as an empty object, which is enough where no member is required."""
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return bool(schemas[name].get("required"))


def _complete(method: str, operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    responses = operation["responses"]
    if media := _media.get(operation["operationId"]):
        responses["200"]["content"] = {media: {"schema": {"type": "string"}}}
    for status in [status for status in responses if status.startswith("4")]:
        responses[status] = {**PROBLEM, "description": responses[status]["description"]}
    responses["default"] = PROBLEM
    if (body := operation.get("requestBody")) and not _needs_body(body, schemas):
        body["required"] = False
    operation["parameters"].append(LANGUAGE)
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":  # A form sends its empty fields too; they count as not given.
            parameter["allowEmptyValue"] = True
    if method == "post" and operation["operationId"] not in _keyless:
        operation["parameters"].append(KEY)

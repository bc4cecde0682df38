"""The document at /api/openapi.json and the service agree, whoever asks and whatever is sent; nothing ends in a 5xx."""

import asyncio
from collections.abc import Callable, Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.result import Ok
from schemathesis.filters import FilterSet
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.python.asgi import ASGIClient, get_client, shutdown_lifespans
from schemathesis.specs.openapi.checks import allow_header_conformance, positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from o2o.app import create_app, routes
from o2o.demo import prepare_demo
from o2o.kernel.openapi import document
from o2o.kernel.settings import read_settings
from tests.serving import PASSWORD
from tests.stack import stack

BASE: Final = "http://testserver"
ROLES: Final = {"anonymous": None, "clerk": "clerk1", "manager": "manager", "hq": "hq"}
SLOW: Final = [  # Working out every text that just is, or is not, allowed takes most of a minute.
    "PUT /api/v1/halls/{hall}",
    "POST /api/v1/halls/{hall}/tickets",
    "POST /api/v1/tickets/{ticket}/completion",
    "PUT /api/v1/products/{sku}",
]
EXCLUDED: Final = [
    positive_data_acceptance,  # A sound request is refused when there is no such hall, or no right.
    allow_header_conformance,  # `displays/token` takes a POST; as a display's id, which it never is, a DELETE too.
]
ENDING: Final = ("/session", "/people")
"""Whoever writes to what has this in its path may be signed out by it, or sign somebody else out."""
Sign = Callable[[str, schemathesis.Case[Any]], dict[str, str]]


def schema(*, boundaries: bool) -> OpenApiSchema:
    """The document, tried at each boundary of what it describes, or only at random."""
    slow = [{"include-name": name, "phases": {"coverage": {"enabled": False}}} for name in SLOW]
    config = {"base-url": BASE, "phases": {"coverage": {"enabled": boundaries}}, "operations": slow}
    return schemathesis.openapi.from_dict(document(routes()), config=schemathesis.Config.from_dict(config))


def bounded(examples: int) -> settings:
    return settings(
        max_examples=examples,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


BOUNDARIES: Final = schema(boundaries=True)
AT_RANDOM: Final = schema(boundaries=False)
OPERATIONS: Final = [found.ok().label for found in AT_RANDOM.get_all_operations() if isinstance(found, Ok)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIClient]:
    """The whole application with the demo's halls and people, in process."""
    folder = tmp_path_factory.mktemp("api")
    one_process = {"O2O_WORKERS": "1", "O2O_BASE_URL": BASE, "O2O_RATE_LIMITS": "off"}
    chosen = read_settings(stack.environ(folder) | one_process)
    stack.keep()
    asyncio.run(prepare_demo(chosen))
    app: Any = create_app(chosen)  # schemathesis has a narrower idea of what an application takes.
    with get_client(app) as client:
        client.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield client
    shutdown_lifespans()


@pytest.fixture(scope="module")
def sign(client: ASGIClient) -> Sign:
    """Headers of a role for a case; who was signed out meanwhile signs in again."""
    known: dict[str, dict[str, str]] = {"anonymous": {}}
    unsure = set(ROLES) - set(known)

    def headers(role: str, case: schemathesis.Case[Any]) -> dict[str, str]:
        if role in unsure and client.get("/api/v1/session", headers=known.get(role)).status_code != 200:
            answer = client.post("/api/v1/session", json={"username": ROLES[role], "password": PASSWORD})
            known[role] = {"Authorization": f"Bearer {answer.json()['token']}"}
        unsure.discard(role)
        if case.method != "GET" and any(part in case.path for part in ENDING):
            unsure.update(set(ROLES) - {"anonymous"})
        return known[role]

    return headers


@pytest.fixture(scope="module")
def there(client: ASGIClient) -> dict[str, str]:
    """Ids of things that are there."""
    key = {"Idempotency-Key": "a-key-of-the-tests"}
    ticket = client.post("/api/v1/halls/heping/tickets", json={"service": "sim"}, headers=key).json()
    return {"hall": "heping", "counter": "heping-1", "ticket": ticket["id"]}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_at_every_boundary_the_answer_is_as_described(operation: str, client: ASGIClient, sign: Sign) -> None:
    """Its boundaries are worked out here. With `parametrize()` every collection of the tests did so for all: 20 s."""

    @bounded(1)
    def agrees(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(session=client, headers=sign("hq", case), excluded_checks=EXCLUDED)

    alone = BOUNDARIES.clone(filter_set=FilterSet().with_include(name=operation))
    (built,) = get_all_tests(schema=alone, test_func=agrees, settings=None, given_kwargs=None)
    assert isinstance(built, Ok)
    _, test = built.ok()
    test()


@pytest.mark.once
@pytest.mark.parametrize("role", ROLES)
@AT_RANDOM.parametrize()
@bounded(6)
def test_whoever_asks_for_what_is_there_the_answer_is_as_described(
    case: schemathesis.Case[Any], client: ASGIClient, sign: Sign, there: dict[str, str], role: str
) -> None:
    case.path_parameters = {name: there.get(name, value) for name, value in (case.path_parameters or {}).items()}

    case.call_and_validate(session=client, headers=sign(role, case), excluded_checks=EXCLUDED)

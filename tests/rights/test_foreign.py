"""A page of another site sends no form of ours for its readers: their browsers would be so many addresses."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.rights.rows import LET_IN
from tests.rights.world import World, open_world

pytestmark = [pytest.mark.once, pytest.mark.asyncio(loop_scope="module")]

CUSTOMERS = sorted(
    route
    for route, let_in in LET_IN.items()
    if route.startswith("POST /") and not route.startswith("POST /api") and let_in & {"anonymous", "owner"}
)
WITHOUT_A_SESSION = "POST /sign-out"
"""Changes nothing then; with one it asks for the session's own token (tests/staff/test_csrf.py)."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with open_world(tmp_path_factory.mktemp("foreign")) as world:
        yield world


@pytest.mark.parametrize("route", sorted({*CUSTOMERS} - {WITHOUT_A_SESSION}))
@pytest.mark.parametrize("said", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.test"}])
async def test_no_form_is_taken_from_another_site(world: World, route: str, said: dict[str, str]) -> None:
    ticket = await world.ticket()

    answer = await world.client.post(await world.address(route, ticket["id"]), headers=said, data={})

    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf"

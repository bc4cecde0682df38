"""Static files are kept for a year under an address that names their content, and asked for again under any other."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from o2o.kernel.static import CachedFiles, static_url


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=[Mount("/static", CachedFiles())])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://hall.test") as client:
        yield client


async def test_an_address_that_names_the_content_is_kept(client: httpx2.AsyncClient) -> None:
    answer = await client.get(static_url("css/base.css"))

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")


@pytest.mark.parametrize("address", ["/static/css/base.css", "/static/css/base.css?v=0000000000"])
async def test_any_other_address_is_asked_for_again(client: httpx2.AsyncClient, address: str) -> None:
    answer = await client.get(address)

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("path", ["nothing.css", "../pyproject.toml", "css", "%2e%2e/pyproject.toml"])
async def test_nothing_else_is_served(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(f"/static/{path}")).status_code == 404


def test_a_name_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(FileNotFoundError):
        static_url("css/nothing.css")

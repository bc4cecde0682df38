"""A service with the routes of codes' pictures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import qr.endpoints
from tests.serving import Service, serve


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, qr.endpoints.routes) as service:
        yield service

"""A service with the routes of codes, two halls' codes apart, and people who may or may not manage them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import booking.endpoints
import booking.pages
import qr.endpoints
import staff.endpoints
import staff.pages
import websocket.pages
from o2o.codes import endpoints, pages, scanning
from tests.serving import Service, add_halls, add_people, serve
from websocket import pairing_endpoints

ROUTES = [
    *booking.endpoints.routes,
    *booking.pages.routes,
    *qr.endpoints.routes,
    *scanning.routes,
    *endpoints.routes,
    *pages.routes,
    *staff.endpoints.routes,
    *staff.pages.routes,
    *pairing_endpoints.routes,
    *websocket.pages.routes,
]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, ROUTES) as service:
        await add_halls(service, "heping", "nankai")
        await add_people("clerk1", "clerk5", "manager", "hq")
        yield service

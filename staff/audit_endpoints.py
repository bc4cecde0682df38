"""What was done, over HTTP: in a hall, and beyond halls."""

from datetime import UTC
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.http import query, reply
from o2o.kernel.openapi import documented
from staff.history import DeedsQuery, History, HistoryQuery, beyond_halls, history
from staff.service import require
from staff.state import StaffState
from staff.states import Role

PATH: Final = "/api/v1/halls/{hall}/events"


@documented(resp={200: History, 403: None, 404: None}, query=HistoryQuery)
async def list_events(request: Request[StaffState]) -> Response:
    """What was done in the hall, and by whom, latest first (its manager)."""
    hall_id = str(request.path_params["hall"])
    await require(request, Role.MANAGER, hall_id)
    asked = query(request, HistoryQuery)
    hall = await request.state["directory"].get(hall_id)
    return reply(await history(hall, asked, request.state["clock"]()))


@documented(resp={200: History, 403: None}, query=DeedsQuery)
async def list_events_beyond_halls(request: Request[StaffState]) -> Response:
    """What was done that is no hall's, latest first (headquarters); no ticket is among it."""
    await require(request, Role.HQ)
    return reply(await beyond_halls(UTC, query(request, DeedsQuery)))


routes: list[BaseRoute] = [
    Route(PATH, list_events, methods=["GET"]),
    Route("/api/v1/events", list_events_beyond_halls, methods=["GET"]),
]

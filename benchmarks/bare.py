"""The baseline of a write: a Starlette app that reads the same JSON and answers the same JSON, nothing behind it."""

from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

TICKET: Final = {
    "id": "hW3l0Z1xq9Vt4mB8sYc2Ng",
    "number": "A001",
    "state": "waiting",
    "hall": "bench",
    "service": "sim",
    "counter": None,
    "class": "standard",
    "position": 1,
    "people_ahead": 0,
    "estimate": {"low_s": 0, "high_s": 600, "known": True},
    "called_at": None,
    "created_at": "2026-11-22T09:00:00+08:00",
    "calls": 0,
    "version": 1,
    "token": "0kJxv3Rr6mP1uQe9bTz5Lw7sYd2aFc4g",
}


async def create_ticket(request: Request) -> JSONResponse:
    body = await request.json()
    return JSONResponse({**TICKET, "service": body["service"]}, 201)


def create_app() -> Starlette:
    """What uvicorn calls, as it calls the service's own."""
    return Starlette(routes=[Route("/api/v1/halls/{hall}/tickets", create_ticket, methods=["POST"])])

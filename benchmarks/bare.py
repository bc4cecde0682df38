"""The baseline over HTTP: a Starlette app that reads the same JSON and answers the same JSON, nothing behind it."""

from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

READ_TICKET: Final[dict[str, Any]] = {
    "id": "hW3l0Z1xq9Vt4mB8sYc2Ng",
    "number": "A001",
    "state": "waiting",
    "hall": "bench",
    "service": "sim",
    "counter": None,
    "class": "standard",
    "claimed_class": None,
    "for_counter": None,
    "then": [],
    "position": 1,
    "people_ahead": 0,
    "estimate": {"low_s": 0, "high_s": 600, "known": True},
    "called_at": None,
    "created_at": "2026-11-22T09:00:00+08:00",
    "calls": 0,
    "version": 1,
}
TICKET: Final = READ_TICKET | {"token": "0kJxv3Rr6mP1uQe9bTz5Lw7sYd2aFc4g"}
SERVICE: Final = {
    "id": "sim",
    "name": "手机卡与号码",
    "prefix": "A",
    "open": True,
    "waiting": 3,
    "estimate": {"low_s": 300, "high_s": 900, "known": True},
    "queue_passes_closing": None,
}
HALL: Final = {
    "id": "heping",
    "name": "和平区营业厅",
    "address": "天津市和平区（演示示例，并非真实营业厅 · example, not a real hall）",
    "lat": 39.1162,
    "lon": 117.2084,
    "distance_m": 839,
    "open": True,
    "opens_at": None,
    "closes_at": "2026-11-22T17:30:00+08:00",
    "closed_for": None,
    "head_count": 12,
    "capacity": 120,
    "services": [SERVICE] * 4,
}
ORDER: Final = {
    "id": "hW3l0Z1xq9Vt4mB8sYc2Ng",
    "state": "placed",
    "lines": [{"sku": "case-x200", "quantity": 1, "fulfilment": "pickup", "place": "heping", "state": "allocated"}],
    "total": {"amount": "49.00", "currency": "CNY"},
    "pay_by": "2026-11-24T09:00:00+08:00",
    "token": "0kJxv3Rr6mP1uQe9bTz5Lw7sYd2aFc4g",
}
HALLS: Final = {"halls": [HALL] * 12, "next_cursor": None}


async def list_halls(_request: Request) -> JSONResponse:
    return JSONResponse(HALLS)


async def show_hall(_request: Request) -> JSONResponse:
    return JSONResponse(HALL)


async def show_ticket(_request: Request) -> JSONResponse:
    return JSONResponse(READ_TICKET)


async def create_ticket(request: Request) -> JSONResponse:
    body = await request.json()
    return JSONResponse({**TICKET, "service": body["service"]}, 201)


async def create_order(request: Request) -> JSONResponse:
    body = await request.json()
    return JSONResponse({**ORDER, "hall": body["hall"]}, 201)


def create_app() -> Starlette:
    """What uvicorn calls, as it calls the service's own."""
    return Starlette(
        routes=[
            Route("/api/v1/halls", list_halls, methods=["GET"]),
            Route("/api/v1/halls/{hall}", show_hall, methods=["GET"]),
            Route("/api/v1/tickets/{ticket}", show_ticket, methods=["GET"]),
            Route("/api/v1/halls/{hall}/tickets", create_ticket, methods=["POST"]),
            Route("/api/v1/orders", create_order, methods=["POST"]),
        ]
    )

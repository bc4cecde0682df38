"""Codes over HTTP: what a code is, and its picture."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.http import reply
from o2o.kernel.openapi import documented
from o2o.kernel.signing import digest
from o2o.kernel.state import KernelState
from qr import draw
from qr.schemas import Code, ShownCode
from qr.service import resolve

# An hour: a picture never changes, but a revoked code shall not be handed out for ever.
CACHING: Final = "public, max-age=3600"


@documented(resp={200: ShownCode, 404: None})
async def show_code(request: Request[KernelState]) -> Response:
    """What a printed code is. Forged, unknown and revoked codes get the same answer."""
    code = await _resolved(request)
    return reply(ShownCode(kind=code.kind, hall=code.hall, place=code.place, sku=code.sku))


@documented(resp={200: None, 404: None}, media="image/svg+xml")
async def show_svg(request: Request[KernelState]) -> Response:
    """The code to print, as large as one likes."""
    return await _picture(request, draw.svg, "image/svg+xml")


@documented(resp={200: None, 404: None}, media="image/png")
async def show_png(request: Request[KernelState]) -> Response:
    """The code for whatever can't show SVG."""
    return await _picture(request, draw.png, "image/png")


async def _resolved(request: Request[KernelState]) -> Code:
    state = request.state
    return await resolve(state["signer"], request.path_params["code"], now=state["clock"]())


async def _picture(request: Request[KernelState], drawn: Callable[[str], bytes], media_type: str) -> Response:
    await _resolved(request)
    text = f"{request.state['settings'].base_url}/q/{request.path_params['code']}"
    picture = drawn(text)
    headers = {"ETag": f'"{digest(picture)}"', "Cache-Control": CACHING}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(picture, headers=headers, media_type=media_type)


routes: list[BaseRoute] = [
    Route("/api/v1/codes/{code}", show_code, name="code"),
    Route("/qr/{code}.svg", show_svg, name="code_svg"),
    Route("/qr/{code}.png", show_png, name="code_png"),
]

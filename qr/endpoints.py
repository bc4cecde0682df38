"""Codes over HTTP: their pictures."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.http import is_known
from o2o.kernel.openapi import documented
from o2o.kernel.signing import digest
from o2o.kernel.state import KernelState
from qr import draw
from qr.service import is_passing, resolve
from qr.states import path_of

# An hour: a picture never changes, but a revoked code shall not be handed out for ever.
CACHING: Final = "public, max-age=3600"


@documented(resp={200: None, 404: None}, media="image/svg+xml")
async def show_svg(request: Request[KernelState]) -> Response:
    """The code to print, as large as one likes."""
    return await _picture(request, draw.svg, "image/svg+xml")


@documented(resp={200: None, 404: None}, media="image/png")
async def show_png(request: Request[KernelState]) -> Response:
    """The code for whatever can't show SVG."""
    return await _picture(request, draw.png, "image/png")


async def _picture(request: Request[KernelState], drawn: Callable[[str], bytes], media_type: str) -> Response:
    """The picture says the code's address, with the source where one is asked for (`?s=poster`)."""
    text = request.path_params["code"]
    if not is_passing(request.state["signer"], text):
        await resolve(request.state["signer"], text, now=request.state["clock"]())
    address = f"{request.state['settings'].base_url}{path_of(text, request.query_params.get('s', ''))}"
    tag = digest(f"{draw.DRAWING} {media_type} {address}".encode())
    headers = {"ETag": f'"{tag}"', "Cache-Control": CACHING}
    if is_known(request, headers["ETag"]):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(await asyncio.to_thread(drawn, address), headers=headers, media_type=media_type)


routes: list[BaseRoute] = [
    Route("/qr/{code}.svg", show_svg, name="code_svg"),
    Route("/qr/{code}.png", show_png, name="code_png"),
]

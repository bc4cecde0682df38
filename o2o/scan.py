"""Where a printed code leads, by its kind, and its end: qr knows codes, this knows pages and people."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.http import no_content
from o2o.kernel.openapi import documented
from o2o.kernel.state import KernelState
from qr.errors import CodeNotFoundError
from qr.schemas import Code
from qr.service import HALL, resolve, revoke
from staff.service import require
from staff.states import Role


def _hall_page(code: Code) -> str:
    return f"/halls/{code.hall}?code={code.text}"


PAGES: Final[Mapping[str, Callable[[Code], str]]] = {HALL: _hall_page}


@documented(resp={303: None, 404: None})
async def follow_code(request: Request[KernelState]) -> Response:
    """To the page that the code's kind is for; a bad code, and a kind without a page, get the same 404."""
    code = await _code(request)
    page = PAGES.get(code.kind)
    if page is None:
        raise CodeNotFoundError
    # A revoked code must stop to lead anywhere, so nobody may remember where it led.
    return RedirectResponse(page(code), HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


@documented(resp={204: None, 401: None, 403: None, 404: None})
async def delete_code(request: Request[KernelState]) -> Response:
    """Revoke a code: a manager of its hall, or headquarters. The hall gets another one when it next needs one."""
    code = await _code(request)
    await require(request, Role.MANAGER, hall=code.hall)
    await revoke(request.state["signer"], code.text, now=request.state["clock"]())
    return no_content()


async def _code(request: Request[KernelState]) -> Code:
    return await resolve(request.state["signer"], request.path_params["code"], now=request.state["clock"]())


routes: list[BaseRoute] = [
    Route("/q/{code}", follow_code, name="scan"),
    Route("/api/v1/codes/{code}", delete_code, methods=["DELETE"], name="revoke_code"),
]

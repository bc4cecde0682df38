"""Products over HTTP."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from o2o.kernel.errors import InvalidError
from o2o.kernel.http import decode, reply
from o2o.kernel.i18n import _
from o2o.kernel.openapi import documented
from orders.product_schemas import ProductWhole, shown_whole
from orders.products import put_product
from orders.schemas import SKU, ProductInput
from staff.service import require
from staff.state import StaffState
from staff.states import Role


@documented(json=ProductInput, resp={200: ProductWhole, 201: ProductWhole, 403: None})
async def replace_product(request: Request[StaffState]) -> Response:
    """Make a product, or change it whole (headquarters). The same document again changes nothing."""
    staff = await require(request, Role.HQ)
    sku = str(request.path_params["sku"])
    if not SKU.fullmatch(sku):
        raise InvalidError(_("A SKU has 2 to 40 small letters, digits or -."), field="sku")
    given = await decode(request, ProductInput)
    product, created = await put_product(sku, given, now=request.state["clock"](), actor=staff.principal)
    return reply(shown_whole(product), 201 if created else 200)


routes: list[BaseRoute] = [
    Route("/api/v1/products/{sku}", replace_product, methods=["PUT"]),
]

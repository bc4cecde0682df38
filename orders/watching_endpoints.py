"""Being told when a product is back: as a request of a program, and as the form on the product's page."""

from typing import Final

import msgspec
from msgspec import Struct
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from tortoise.backends.base.client import BaseDBAsyncClient

from messages.contacts import masked
from o2o.kernel.clock import to_ms
from o2o.kernel.errors import DomainError
from o2o.kernel.forms import new_key, next_key, refused
from o2o.kernel.http import operation, parse, parse_form, read_body, reply
from o2o.kernel.i18n import _, language_of, translator_for
from o2o.kernel.idempotency import answered, once
from o2o.kernel.limits import Limit
from o2o.kernel.openapi import documented
from o2o.kernel.pages import render
from orders.product_wording import product_address
from orders.products import get_product
from orders.state import OrdersRequest
from orders.watching import Wish, WishInput, contact_of, watch
from staff.browsers import address_of, check_origin

PATH: Final = "/api/v1/products/{sku}/watchers"
ANONYMOUS: Final = "anonymous"
PAGE: Final = "/p/{sku}/watchers"
WISHES: Final = Limit(
    30,
    3600,
    _("From this connection %(limit)s people asked to be told within the hour. Try again in %(minutes)s min."),
)
"""From one address, in an hour."""


class Watching(Struct, frozen=True):
    """`to` is where they are told, with its middle left out."""

    sku: str
    hall: str | None
    to: str


class WatchForm(Struct, frozen=True, forbid_unknown_fields=True):
    email: str
    key: str
    hall: str | None = None


@documented(json=WishInput, resp={201: Watching, 404: None, 409: None})
async def create_watcher(request: OrdersRequest) -> Response:
    """Be told once, when there is some of it again. Who waits already keeps the place."""
    body = await read_body(request)
    return reply(await _watch(request, parse(body, WishInput), body), 201)


async def create_watcher_by_form(request: OrdersRequest) -> Response:
    """As the form on the product's page says it; what came of it is a page of its own."""
    check_origin(request)
    body, refusal, told = await read_body(request), None, None
    filled = parse_form(body, WatchForm)
    try:
        answer = await _watch(request, WishInput(filled.hall, None, filled.email), body, filled.key)
        told = msgspec.json.decode(answer, type=Watching)
    except DomainError as error:
        refusal = error
    texts, sku = translator_for(request), str(request.path_params["sku"])
    product = await get_product(sku, request.state["clock"]())
    context = {
        "product": {"sku": sku, "name": product.names.in_language(texts.language)},
        "own_page": product_address(sku, filled.hall, ""),
        "hall_id": filled.hall or "",
        "told": told,
        "watch": watch_form(request) | {"key": next_key(filled.key, refusal), "email": filled.email},
    }
    response = render(request, "orders/watching.html", context | refused(refusal, texts), refusal)
    response.headers["Cache-Control"] = "no-store"
    return response


def watch_form(request: OrdersRequest) -> dict[str, object]:
    """What `orders/watch.html` needs. Not `offered`: nothing leads to anybody, so nobody is promised a word.

    A trial shows the form all the same, and says that what would be sent is only shown to staff.
    """
    settings = request.state["settings"]
    sent = settings.smtp is not None
    return {"offered": sent or not settings.production, "sent": sent, "key": new_key(), "email": ""}


async def _watch(request: OrdersRequest, given: WishInput, body: bytes, key: str | None = None) -> bytes:
    """The answer's JSON. Raises as `watch`, ProductNotFoundError, HallNotFoundError, TooManyError."""
    state, sku = request.state, str(request.path_params["sku"])
    await state["limits"].check(f"watchers:{address_of(request)}", *WISHES)
    op = operation(request, ANONYMOUS, body, key)
    if stored := await answered(op, state["clock"]):
        return stored.body  # Also of a product that is not listed any more.
    product = await get_product(sku, state["clock"]())
    hall = (await state["directory"].get(given.hall)).id if given.hall else None
    wish = Wish(product.sku, hall, contact_of(given), language_of(request))

    async def work(client: BaseDBAsyncClient) -> Watching:
        await watch(client, wish, state["signer"], to_ms(state["clock"]()))
        return Watching(wish.sku, wish.hall, masked(wish.contact))

    return (await once(op, state["clock"], work, 201)).body


routes: list[BaseRoute] = [
    Route(PATH, create_watcher, methods=["POST"]),
    Route(PAGE, create_watcher_by_form, methods=["POST"], name="watch_product"),
]

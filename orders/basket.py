"""What somebody collects before they order: sealed in a cookie of their browser, kept nowhere else."""

import secrets
from collections.abc import Collection
from typing import Final

import msgspec
from starlette.responses import Response

from o2o.kernel.signing import SealError, Signer, digest
from orders.order_schemas import MOST_LINES
from orders.schemas import Product
from orders.state import OrdersRequest

COOKIE: Final = "basket"
KEPT_S: Final = 30 * 86_400
MOST_OF_ONE: Final = 10
"""So many of one product are chosen by hand; who wants more asks at the counter."""
MARK: Final = 8


class BasketLine(msgspec.Struct, frozen=True, array_like=True):
    """`price` (fen) is what one cost when it was put in or last changed; `mark` changes whenever the line does."""

    sku: str
    quantity: int
    price: int
    mark: str


class Basket(msgspec.Struct, frozen=True, array_like=True):
    """The hall from which it was last put in, the shelf's code that was scanned last, and lines."""

    hall: str = ""
    code: str = ""
    lines: tuple[BasketLine, ...] = ()

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_full(self) -> bool:
        return len(self.lines) >= MOST_LINES

    def line(self, sku: str) -> BasketLine | None:
        return next((line for line in self.lines if line.sku == sku), None)

    def put(self, product: Product, quantity: int, key: str) -> "Basket":
        """So many more of it, as many as one may have. Under the same key it is put in once."""
        mark, there = digest(f"{key}\n{product.sku}".encode())[:MARK], self.line(product.sku)
        if there and there.mark == mark:
            return self
        wanted = min(quantity + (there.quantity if there else 0), most_of(product))
        return self._with(BasketLine(product.sku, wanted, product.price, mark))

    def change(self, product: Product, quantity: int) -> "Basket":
        """So many of it, as many as one may have."""
        mark = secrets.token_urlsafe(MARK)[:MARK]
        return self._with(BasketLine(product.sku, min(quantity, most_of(product)), product.price, mark))

    def drop(self, sku: str) -> "Basket":
        return msgspec.structs.replace(self, lines=tuple(line for line in self.lines if line.sku != sku))

    def ordered(self, marks: Collection[str]) -> "Basket":
        """Without the lines that were ordered, but for those that have been changed since they were shown."""
        return msgspec.structs.replace(self, lines=tuple(line for line in self.lines if line.mark not in marks))

    def _with(self, line: BasketLine) -> "Basket":
        if self.line(line.sku) is None:
            return msgspec.structs.replace(self, lines=(*self.lines, line))
        return msgspec.structs.replace(self, lines=tuple(line if one.sku == line.sku else one for one in self.lines))


def most_of(product: Product) -> int:
    """So many of it can be put in."""
    return min(MOST_OF_ONE, product.limit_per_person or MOST_OF_ONE)


def basket_of(request: OrdersRequest) -> Basket:
    """An empty one, when there is none or it was sealed with a key that is not ours any more."""
    try:
        return msgspec.json.decode(request.state["signer"].open(request.cookies.get(COOKIE, "")), type=Basket)
    except (SealError, msgspec.DecodeError):
        return Basket()


def keep(response: Response, signer: Signer, basket: Basket, *, secure: bool) -> None:
    if not basket.lines:
        response.delete_cookie(COOKIE, httponly=True, secure=secure, samesite="lax")
        return
    sealed = signer.seal(msgspec.json.encode(basket).decode())
    response.set_cookie(COOKIE, sealed, max_age=KEPT_S, httponly=True, secure=secure, samesite="lax")

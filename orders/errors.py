"""What orders refuse with."""

from o2o.kernel.errors import NotFoundError
from o2o.kernel.i18n import _


class ProductNotFoundError(NotFoundError):
    """There is none, or it is not listed now."""

    code = "product_not_found"
    way_on = ("/products", _("All products"))

    def __init__(self) -> None:
        super().__init__(_("There is no such product, or it is not sold any more."))

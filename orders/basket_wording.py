"""The basket as its page says it: what is possible now of each line, how all of it can come, what that costs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from halls.hall import Hall
from o2o.kernel.i18n import Translator, _
from orders.basket import Basket, BasketLine, most_of
from orders.checkout_wish import Wish, sent_of
from orders.delivery.fees import Rate, fee
from orders.money import price
from orders.offers import Offer, Wanted, Way, way_of
from orders.product_wording import nearby, product_address, said_price, span
from orders.schemas import Product
from orders.shares import AgreedLine
from orders.shown import picture_url

CHECKOUT: Final = "/checkout"


class Said(NamedTuple):
    """How it looks, its icon, and the words."""

    look: str
    icon: str
    truth: str


class Reader(NamedTuple):
    """Who reads it, where, and when."""

    hall: Hall | None
    texts: Translator
    now: datetime


def line_row(line: BasketLine, product: Product, offer: Offer, basket: Basket, reader: Reader) -> dict[str, Any]:
    """A line whose product is sold."""
    most = min(most_of(product), max(offer.most, 1))
    away = offer.nearby[0].place if offer.nearby and not offer.both else None
    return {
        "sku": line.sku,
        "name": product.names.in_language(reader.texts.language),
        "picture": picture_url(product.picture),
        "address": product_address(line.sku, basket.hall, basket.code),
        "quantity": line.quantity,
        "one": price(product.price),
        "price": said_price(product.price * line.quantity, reader.texts),
        "was": price(line.price) if line.price != product.price else "",
        "more": line.quantity < most,
        "limit": product.limit_per_person if line.quantity >= (product.limit_per_person or 99) else None,
        "take": most if 0 < most < line.quantity and offer.most else 0,
        "away": away and {"id": away.id, "name": away.names.in_language(reader.texts.language)},
        **line_truth(line.quantity, offer, reader)._asdict(),
    }


def gone_row(line: BasketLine, product: Product | None, language: str) -> dict[str, Any]:
    """A line whose product is not sold any more."""
    return {
        "sku": line.sku,
        "name": product.names.in_language(language) if product else line.sku,
        "picture": product and picture_url(product.picture),
        "quantity": line.quantity,
    }


def line_truth(quantity: int, offer: Offer, reader: Reader) -> Said:
    texts, here = reader.texts, offer.here
    eta = offer.sent[0].eta if offer.sent else None
    time = span(eta, reader.now, texts) if eta else texts(_("soon"))
    if offer.pickup:
        return Said("go", "check", texts.ngettext("%(num)s here", "%(num)s here", here) % {"num": here})
    if offer.both and way_of([AgreedLine("", offer.both)]) == "both":
        sent = sent_of(AgreedLine("", offer.both))
        truth = texts(_("%(here)s here now, %(sent)s delivered %(time)s"), here=here, sent=sent, time=time)
        return Said("wait", "transfer", truth)
    if offer.both:
        some, none = (
            _("Only %(here)s here. All %(count)s delivered %(time)s"),
            _("Not here. Delivered %(time)s to your door"),
        )
        return Said("wait", "van", texts(some if here else none, here=here, count=quantity, time=time))
    if offer.nearby:
        return Said("wait", "pin", nearby(offer.nearby[0], texts, here))
    if offer.most:
        return Said("stop", "alert", texts(_("Only %(count)s can be had just now"), count=offer.most))
    return Said("stop", "stop", texts(_("Sold out everywhere just now")))


def way_rows(
    ways: Mapping[Way, Sequence[AgreedLine]], wanted: Sequence[Wanted], rate: Rate, basket: Basket
) -> list[dict[str, Any]]:
    """Each way in which all of it can come: where it is ordered so, and what it costs."""
    marks = ".".join(line.mark for line in basket.lines)
    prices, rows = {one.product.sku: one.product.price for one in wanted}, []
    goods = sum(one.product.price * one.quantity for one in wanted)
    for way, lines in ways.items():
        wish = Wish(basket.hall, tuple(lines), basket.code, marks)
        costs = 0 if way == "pickup" else fee(rate, sum(prices[line.sku] * sent_of(line) for line in lines))
        address = f"{CHECKOUT}?{urlencode(wish.in_lines(wish.lines))}"
        rows.append(
            {"way": way, "address": address, "fee": price(costs) if costs else "", "total": price(goods + costs)}
        )
    return rows

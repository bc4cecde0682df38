"""Products as pages say them: what they cost, and in one line where they are to be had."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from booking.hall_wording import day_time
from halls.schemas import Hall
from o2o.kernel import words
from o2o.kernel.i18n import Translator, _
from orders.delivery.windows import Window
from orders.money import price
from orders.schemas import Kind, Product
from orders.shown import HOME_ZONE, picture_url
from orders.sourcing import Availability, Source

KINDS: Final[Mapping[Kind, str]] = {
    Kind.DEVICE: _("Device"),
    Kind.ACCESSORY: _("Accessory"),
    Kind.SIM: _("SIM card"),
    Kind.TOPUP: _("Top-up card"),
    Kind.PLAN: _("Plan"),
}
LOOKS: Final = {
    "here": ("go", "check"),
    "nearby": ("wait", "pin"),
    "delivery": ("wait", "van"),
    "none": ("stop", "stop"),
}
"""How each kind of truth looks: its colour and its icon."""


def product_row(product: Product, found: Availability, texts: Translator, now: datetime) -> dict[str, Any]:
    """A product as a row of a list, and as the head of its page."""
    look, icon = LOOKS[found.kind]
    return {
        "sku": product.sku,
        "name": product.names.in_language(texts.language),
        "kind": texts(KINDS[product.kind]),
        "price": price(product.price) if product.price else texts(_("free")),
        "picture": picture_url(product.picture),
        "look": look,
        "icon": icon,
        "truth": truth(product, found, texts, now),
    }


def truth(product: Product, found: Availability, texts: Translator, now: datetime) -> str:
    """The one line that says where it is to be had."""
    if not product.kind.has_stock:
        return texts(_("At every counter, at any time"))
    match found.kind:
        case "here":
            return texts.ngettext("%(num)s here", "%(num)s here", found.halls[0].available) % {
                "num": found.halls[0].available
            }
        case "nearby":
            return _nearby(found.halls[0], texts)
        case "delivery" if found.sent and found.sent.eta:
            return texts(_("Not here. Delivered %(time)s to your door"), time=span(found.sent.eta, now, texts))
        case "delivery":
            return texts(_("Not in a hall just now, but it can be delivered"))
    return texts(_("Sold out everywhere just now"))


def span(window: Window, now: datetime, texts: Translator) -> str:
    """`today 13:00–18:00`, `tomorrow 09:00–12:00`, `Thu 09:00–12:00`."""
    start, end = window.start.astimezone(HOME_ZONE), window.end.astimezone(HOME_ZONE)
    day = day_time(start, now, texts)
    if start.date() == now.astimezone(HOME_ZONE).date():
        day = texts(_("today %(time)s"), time=day)
    return f"{day}–{end:%H:%M}"


def other_halls(found: Availability, sku: str, code: str, texts: Translator) -> list[dict[str, Any]]:
    """The halls around that have it, as links to the same product there."""
    return [
        {
            "name": one.place.names.in_language(texts.language),
            "distance": None if one.distance_m is None else words.distance(one.distance_m, texts),
            "available": one.available,
            "address": product_address(sku, one.place.id, code),
        }
        for one in (found.halls if found.kind != "here" else ())
    ]


def deed(
    product: Product, found: Availability, hall: Hall | None, code: str, texts: Translator
) -> dict[str, str] | None:
    """The one button: what it says, and where it leads. None: there is nothing to do just now."""
    if not product.kind.has_stock:
        return {"text": texts(_("Take a number for it")), "address": f"/halls/{hall.id}" if hall else "/"}
    match found.kind:
        case "here" if hall:
            return {"text": texts(_("Hold one for me")), "address": checkout(product.sku, hall.id, "pickup", code)}
        case "nearby":
            place = found.halls[0].place
            text = texts(_("Hold one at %(hall)s"), hall=place.names.in_language(texts.language))
            return {"text": text, "address": checkout(product.sku, place.id, "pickup", code)}
        case "delivery" if hall:
            return {"text": texts(_("Have it delivered")), "address": checkout(product.sku, hall.id, "delivery", code)}
    return None


def checkout(sku: str, hall: str, fulfilment: str, code: str) -> str:
    asked = {"sku": sku, "hall": hall, "fulfilment": fulfilment, "code": code}
    return f"/checkout?{urlencode({name: value for name, value in asked.items() if value})}"


def product_address(sku: str, hall: str | None, code: str) -> str:
    asked = {name: value for name, value in {"hall": hall, "code": code}.items() if value}
    return f"/p/{sku}?{urlencode(asked)}" if asked else f"/p/{sku}"


def _nearby(first: Source, texts: Translator) -> str:
    hall, count = first.place.names.in_language(texts.language), first.available
    if first.distance_m is None:
        return texts(_("At %(hall)s: %(count)s"), hall=hall, count=count)
    away = words.distance(first.distance_m, texts)
    return texts(_("Not here. %(distance)s away: %(hall)s, %(count)s"), distance=away, hall=hall, count=count)

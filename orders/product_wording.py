"""Products as pages say them: what they cost, and in one line where they are to be had."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from booking.hall_wording import day_time
from halls.hall import Hall
from o2o.kernel import words
from o2o.kernel.i18n import Translator, _
from orders.delivery.windows import Window
from orders.money import price
from orders.offers import Offer, way_of
from orders.schemas import Kind, Product
from orders.shares import AgreedLine, write_lines
from orders.shown import HOME_ZONE, picture_url
from orders.sourcing import Availability, Source
from orders.states import Fulfilment

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
        "price": said_price(product.price, texts),
        "picture": picture_url(product.picture),
        "look": look,
        "icon": icon,
        "truth": truth(product, found, texts, now),
    }


def said_price(fen: int, texts: Translator) -> str:
    """What something costs, as people read it."""
    return price(fen) if fen else texts(_("free"))


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
            return nearby(found.halls[0], texts)
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


class Look(NamedTuple):
    """Who looks at a product: in which hall, by which code, and how many they want."""

    hall: Hall | None
    code: str
    quantity: int


def deed(product: Product, found: Availability, look: Look, texts: Translator) -> dict[str, str] | None:
    """The one button: what it says, and where it leads. None: there is nothing to do just now.

    `found` is for so many as are wanted.
    """
    hall, num = look.hall, look.quantity
    if not product.kind.has_stock:
        return {"text": texts(_("Take a number for it")), "address": f"/halls/{hall.id}" if hall else "/"}
    match found.kind:
        case "here" if hall:
            text = texts(_("Hold %(num)s for me"), num=num) if num > 1 else texts(_("Hold one for me"))
            return {"text": text, "address": checkout(product.sku, hall.id, "pickup", look)}
        case "nearby":
            place = found.halls[0].place
            said = _("Hold %(num)s at %(hall)s") if num > 1 else _("Hold one at %(hall)s")
            text = texts(said, hall=place.names.in_language(texts.language), num=num)
            return {"text": text, "address": checkout(product.sku, place.id, "pickup", look)}
        case "delivery" if hall:
            text = texts(_("Have %(num)s delivered"), num=num) if num > 1 else texts(_("Have it delivered"))
            return {"text": text, "address": checkout(product.sku, hall.id, "delivery", look)}
    return None


def parts(offer: Offer, look: Look, sku: str, texts: Translator) -> dict[str, str] | None:
    """Some here and the rest sent, where no place has as many as are wanted: what a button says, and where it leads."""
    line = AgreedLine(sku, offer.both)
    if not offer.both or look.hall is None or way_of([line]) != "both":
        return None
    here = sum(one.quantity for one in offer.both if one.fulfilment is Fulfilment.PICKUP)
    text = texts(_("Take %(here)s here, have %(sent)s delivered"), here=here, sent=look.quantity - here)
    return {"text": text, "address": _asked(hall=look.hall.id, lines=write_lines([line]), code=look.code)}


def checkout(sku: str, hall: str, fulfilment: str, look: Look) -> str:
    quantity = str(look.quantity) if look.quantity > 1 else ""
    return _asked(sku=sku, hall=hall, fulfilment=fulfilment, quantity=quantity, code=look.code)


def _asked(**asked: str) -> str:
    return f"/checkout?{urlencode({name: value for name, value in asked.items() if value})}"


def product_address(sku: str, hall: str | None, code: str, quantity: int = 1) -> str:
    many = str(quantity) if quantity > 1 else ""
    asked = {name: value for name, value in {"hall": hall, "code": code, "quantity": many}.items() if value}
    return f"/p/{sku}?{urlencode(asked)}" if asked else f"/p/{sku}"


def nearby(first: Source, texts: Translator, here: int = 0) -> str:
    """The nearest hall that has it; `here` are those that there are, if that is not enough."""
    hall, count = first.place.names.in_language(texts.language), first.available
    if first.distance_m is None:
        return texts(_("At %(hall)s: %(count)s"), hall=hall, count=count)
    away = words.distance(first.distance_m, texts)
    if here:
        said = _("Only %(here)s here. %(distance)s away: %(hall)s, %(count)s")
        return texts(said, here=here, distance=away, hall=hall, count=count)
    return texts(_("Not here. %(distance)s away: %(hall)s, %(count)s"), distance=away, hall=hall, count=count)

"""What was changed, as people read it: each member by its name, what it was and what it is since."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeGuard

from o2o.kernel.i18n import Translator, _
from o2o.kernel.words import WEEKDAYS

MEMBERS: Final[Mapping[str, str]] = {
    "address": _("Address"),
    "attributes": _("What it is like"),
    "calendar": _("Public holidays"),
    "capacity": _("People in the hall at most"),
    "classes": _("Classes of people"),
    "closures": _("Closed for a time"),
    "count": _("How many"),
    "counters": _("Counters"),
    "date": _("Day"),
    "day_starts": _("The day starts at"),
    "days": _("Days"),
    "description": _("Description"),
    "end": _("Until"),
    "error": _("What went wrong"),
    "fee": _("Fee"),
    "free_from": _("Free from"),
    "holiday": _("On a holiday"),
    "hours": _("Opening hours"),
    "id": _("Short name"),
    "kind": _("Kind"),
    "languages": _("Languages"),
    "lat": _("Latitude"),
    "late_minutes": _("A wait is late after, in minutes"),
    "limit_per_person": _("One person may have"),
    "listed_from": _("On sale from"),
    "listed_to": _("On sale until"),
    "lon": _("Longitude"),
    "longest_wait_minutes": _("Whoever has waited so long goes first, in minutes"),
    "name": _("Name"),
    "names": _("Name"),
    "nearby_km": _("Halls around, in km"),
    "one": _("The digit 1 in Chinese"),
    "open": _("Gives numbers"),
    "pickup_hours": _("What was ordered is kept for, in hours"),
    "part": _("Part of the visit"),
    "picture": _("Picture"),
    "place": _("Place"),
    "places": _("Places"),
    "prefix": _("Letter"),
    "price": _("Price"),
    "priority_calls": _("Calls for the other classes before one for the first"),
    "province": _("Province"),
    "purpose": _("What it was about"),
    "put_back_minutes": _("May be put back for, in minutes"),
    "rate": _("Pace of speech"),
    "read_only": _("May only read"),
    "reason": _("Reason"),
    "requeue_places": _("Goes back so many places"),
    "role": _("Role"),
    "roles": _("Roles"),
    "rules": _("Rules"),
    "scope": _("Where"),
    "serialised": _("Each piece has a serial number"),
    "services": _("Services"),
    "sku": _("Product"),
    "speech": _("How displays speak"),
    "start": _("From"),
    "state": _("What became of it"),
    "time_zone": _("Time zone"),
    "times": _("Each call is spoken so often"),
    "value": _("Value"),
    "workday": _("On a worked weekend day"),
    **WEEKDAYS,
}
WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("hours", "always"): _("Open round the clock"),
    ("calendar", "cn"): _("China's"),
    ("kind", "device"): _("Device"),
    ("kind", "accessory"): _("Accessory"),
    ("kind", "sim"): _("SIM card"),
    ("kind", "topup"): _("Top-up card"),
    ("kind", "plan"): _("Plan"),
    ("role", "clerk"): _("Clerk"),
    ("role", "manager"): _("Manager"),
    ("role", "warehouse"): _("Warehouse"),
    ("role", "province"): _("Province"),
    ("role", "hq"): _("Headquarters"),
    ("scope", "*"): _("everywhere"),
    ("province", "*"): _("everywhere"),
    ("purpose", "order_placed"): _("Order placed"),
    ("purpose", "ready"): _("Ready for pick-up"),
    ("purpose", "shipped"): _("Shipped"),
    ("purpose", "out_for_delivery"): _("Out for delivery"),
    ("purpose", "delivered"): _("Delivered"),
    ("purpose", "delivery_failed"): _("Delivery failed"),
    ("purpose", "not_collected"): _("Not collected"),
    ("purpose", "cancelled"): _("Order cancelled"),
    ("purpose", "refunded"): _("Refunded"),
    ("purpose", "back_in_stock"): _("Back in stock"),
    ("state", "waiting"): _("Waiting to be sent"),
    ("state", "sent"): _("Sent"),
    ("state", "kept"): _("Nothing was sent"),
    ("state", "failed"): _("Not sent"),
}
"""What some members' values mean."""
FEN: Final = frozenset({"fee", "free_from"})
"""Money that is a number of fen."""
CLOCK: Final = re.compile(r"[0-9]{2}:[0-9]{2}")
NOTHING: Final = "–"


def differing(
    before: Mapping[str, Any], after: Mapping[str, Any], texts: Translator, within: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Each member's name, what it was and what it is; of a group only the members that differ, of a list the items."""
    for member in dict.fromkeys([*before, *after]):
        was, now = before.get(member), after.get(member)
        name = within + _name(member, texts)
        if _is_group(was) and _is_group(now):
            yield from differing(was, now, texts, f"{name} · ")
            continue
        said = _said(_without(was, now), member, texts), _said(_without(now, was), member, texts)
        if said[0] != said[1]:
            yield name, *said


def _without(items: Any, others: Any) -> Any:
    """Of a list that only the items which the other has not, unless only their order differs."""
    if not isinstance(items, list) or not isinstance(others, list):
        return items
    return [one for one in items if one not in others] or ([] if len(items) < len(others) else items)


def _name(member: str, texts: Translator) -> str:
    return texts(MEMBERS[member]) if member in MEMBERS else member.replace("_", " ")


def _is_group(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and not value.keys() & {"zh-CN", "amount"}


def _said(value: Any, member: str, texts: Translator) -> str:
    if isinstance(value, Mapping):
        return _group_said(value, texts)
    if isinstance(value, list):
        return _list_said(value, member, texts)
    if isinstance(value, bool):
        return texts(_("yes") if value else _("no"))
    if isinstance(value, int) and member in FEN:
        return _yuan(f"{value / 100:.2f}")
    word = WORDS.get((member, str(value)))
    return texts(word) if word else NOTHING if value in {None, ""} else str(value)


def _group_said(value: Mapping[str, Any], texts: Translator) -> str:
    if "zh-CN" in value:
        return str(value[texts.language])
    if "amount" in value:
        return _yuan(value["amount"])
    told = (
        texts(_("%(name)s: %(value)s"), name=_name(name, texts), value=_said(one, name, texts))
        for name, one in value.items()
        if one is not None
    )
    return texts(_("; ")).join(told) or NOTHING


def _list_said(items: Sequence[Any], member: str, texts: Translator) -> str:
    if all(isinstance(one, str) and CLOCK.fullmatch(one) for one in items):
        return "–".join(items) or NOTHING
    between = "\n" if isinstance(items[0], Mapping) else texts(_(", "))
    return between.join(_said(one, member, texts) for one in items)


def _yuan(amount: str) -> str:
    return f"¥{amount.removesuffix('.00')}"

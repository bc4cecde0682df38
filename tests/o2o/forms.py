"""Pages as a browser reads them: where they lead, and their forms with what stands in their fields."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from typing_extensions import override

from halls.demo import DEMO_HALLS
from halls.stock.demo import DEMO_WAREHOUSES
from orders.demo import DEMO_PRODUCTS
from staff.demo import demo_people

WRITTEN: Final = {"text", "tel", "search", "textarea"}
"""Kinds of fields into which people write whatever they like."""
CHOSEN: Final = {"number": "1", "date": "2026-12-24", "datetime-local": "2026-12-24T10:00", "time": "10:00"}
"""Kinds of fields that take what they are made for, and an example of each."""
NAMED: Final = "|".join((*DEMO_HALLS, *DEMO_WAREHOUSES, *DEMO_PRODUCTS, *demo_people()))
ID: Final = re.compile(rf"(?<=/)([\w-]*\d[\w-]*|[\w-]{{20,}}|{NAMED})(?=/|\?|$)")


@dataclass
class Field:
    name: str
    value: str
    kind: str
    required: bool = False


@dataclass
class Form:
    """One form with one of its buttons; `act` says which. `in_parts`: it may have a file."""

    method: str
    action: str
    id: str = ""
    act: str = ""
    in_parts: bool = False
    fields: list[Field] = field(default_factory=list)
    buttons: list[Field] = field(default_factory=list)

    @property
    def kind(self) -> tuple[str, ...]:
        """Forms of one kind do the same to different things."""
        act = (self.act or self.values.get("act", "")).partition(":")[0]
        return self.method, without_ids(self.action), act, *sorted({field.name for field in self.fields})

    @property
    def values(self) -> dict[str, str]:
        """What is sent when nobody types anything; of several fields of a name the first."""
        return {field.name: field.value for field in reversed(self.fields)}

    def names(self, *kinds: str) -> set[str]:
        """The fields of these kinds."""
        return {field.name for field in self.fields if field.kind in kinds}

    def by_buttons(self) -> Iterator["Form"]:
        """The form once for each of its buttons that say something."""
        for act in dict.fromkeys((button.name, button.value) for button in self.buttons) or [("", "")]:
            pressed = [Field(*act, "hidden")] if act[0] else []
            yield replace(self, act=act[1], fields=[*pressed, *self.fields])


class Page(HTMLParser):
    """What one page has of links and forms; `address` is where it was found."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._address = address
        self._form: Form | None = None
        self._area: Field | None = None
        self._select = ""
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(self._within(given["href"]))
        if tag == "form":
            action = self._within(given.get("action") or self._address)
            self._form = Form(given.get("method", "get").lower(), action, given.get("id", ""))
            self._form.in_parts = given.get("enctype") == "multipart/form-data"
            self.forms.append(self._form)
        if tag in {"input", "textarea", "button", "select", "option"}:
            self._field(tag, given)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = ""

    @override
    def handle_data(self, data: str) -> None:
        if self._area:
            self._area.value += data

    def _field(self, tag: str, given: dict[str, str]) -> None:
        named = next((form for form in self.forms if form.id and form.id == given.get("form")), self._form)
        if tag == "select":
            self._select = given.get("name", "")
        name = self._select if tag == "option" else given.get("name", "")
        if named is None or not name or tag == "select":
            return
        kind = given.get("type", "text") if tag == "input" else tag
        one = Field(name, given.get("value", ""), kind, "required" in given)
        (named.buttons if tag == "button" else named.fields).append(one)
        if tag == "textarea":
            self._area = one

    def _within(self, address: str) -> str:
        """The address within the site, empty for one elsewhere."""
        whole = urljoin(f"http://hall.test{self._address}", address).partition("#")[0]
        return whole.removeprefix("http://hall.test") if whole.startswith("http://hall.test/") else ""


def without_ids(address: str) -> str:
    """What addresses of the same page have in common."""
    parts = urlsplit(address)
    return ID.sub("N", parts.path) + "?" + ",".join(sorted(dict(parse_qsl(parts.query))))

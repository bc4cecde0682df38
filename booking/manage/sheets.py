"""Forms over a part of a hall's document: what was typed stays, and a fault stands beside its field.

A sheet is one form of a page. It knows its part as it was shown (`seen`, a digest of it): of two managers who change
the same part the second one is told, and a change of another part is no conflict.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response

from booking.service.configuration import configure
from booking.state import BookingRequest, attempt
from halls.errors import HallChangedError, HallNotFoundError
from halls.schemas import HallInput
from o2o.kernel.attempts import Attempt
from o2o.kernel.errors import DomainError, InvalidError
from o2o.kernel.http import read_body
from o2o.kernel.i18n import Translator, _
from o2o.kernel.signing import digest
from staff.manage import Frame

T = TypeVar("T")

MAX_FIELDS: Final = 400
CHANGED: Final = _(
    "Somebody else has changed this meanwhile. What it is now stands at each field; what you typed is kept."
    " Save once more to put it in place of theirs."
)
MARKED: Final = _("Not saved yet. Please look at the marked field.")
_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent. `act` says what its button does, `of` to which row of the page, `to` what it is to be."""

    body: bytes
    fields: Mapping[str, list[str]]

    def text(self, name: str) -> str:
        """What was typed last under the name; nothing is an empty text."""
        return self.fields.get(name, [""])[-1].strip()

    def like(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What was typed into the fields that have these values."""
        return {name: self.all(name) if isinstance(value, list) else self.text(name) for name, value in values.items()}

    def present(self, *names: str) -> dict[str, str]:
        """What was typed under these names; what was left empty is not there."""
        return {name: self.text(name) for name in names if self.text(name)}

    def in_both(self) -> dict[str, str] | None:
        """What was typed in both languages; what was typed in one only stands for both."""
        given = self.present("zh-CN", "en")
        either = next(iter(given.values()), None)
        return None if either is None else {"zh-CN": given.get("zh-CN", either), "en": given.get("en", either)}

    def all(self, name: str) -> list[str]:
        return self.fields.get(name, [])

    @property
    def act(self) -> str:
        return self.text("act")

    @property
    def of(self) -> str:
        return self.text("of")

    @property
    def key(self) -> str:
        return self.text("key")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands in a form's fields; after a refusal what was typed, what is at fault, and what another has changed.

    A value is a text, or for boxes to tick the list of those that are ticked.
    """

    id: str
    values: Mapping[str, Any]
    seen: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    now: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""


class Sent(NamedTuple):
    """A form that was refused, and why."""

    filled: Filled
    refusal: DomainError


async def filled_form(request: BookingRequest) -> Filled:
    """Raises InvalidError for what is no form of ours."""
    try:
        pairs = parse_qsl((await read_body(request)).decode(), max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidError(_("The form can't be read."), field="body") from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return Filled(await read_body(request), fields)


def act_of(acts: Mapping[str, T], filled: Filled) -> T:
    """What the form's button does. Raises InvalidError for one that the page doesn't have."""
    if filled.act not in acts:
        raise InvalidError(_("The form can't be read."), field="act")
    return acts[filled.act]


async def change(here: Frame, part: str, filled: Filled, edit: Callable[[HallInput], HallInput]) -> None:
    """Carry a form out: change the part and record who did it. Raises what `configure` and `edit` raise."""

    def edited(before: HallInput | None, _rev: int) -> HallInput:
        if before is None:
            raise HallNotFoundError
        return edit(before)

    await configure(here.request.state["line"], here.hall.id, edited, part, actor=tried(here, filled).actor)


def tried(here: Frame, filled: Filled) -> Attempt:
    """The form as one attempt at a write: its key sees to it that pressing twice is one act.

    All forms of a page have its key, and each button is an act of its own.
    """
    return attempt(here.request, here.staff.principal, filled.body, key=filled.key).step(f"{filled.act} {filled.of}")


def mark(part: Any) -> str:
    """How a part of the document looked when it was shown."""
    return digest(msgspec.json.encode(part))


def unless_changed(before: T, after: T, seen: str) -> T:
    """The part as it should be. Raises HallChangedError when somebody else has made it another than was seen.

    Who sends the same form twice finds the part just so, and that is no conflict.
    """
    if before != after and mark(before) != seen:
        raise HallChangedError
    return after


def sheets_page(here: Frame, template: str, context: Mapping[str, Any], sent: Sent | None) -> Response:
    """The tab; what was refused is said in the sheet that was sent, or at the top when it was another button."""
    if sent is None:
        return here.page(template, context)
    in_its_sheet = {"refused": None} if sent.filled.text("sheet") else {}
    return here.page(template, {**context, **in_its_sheet}, sent.refusal, key=sent.filled.key)


def shown_again(sheets: Sequence[Sheet], sent: Sent | None, texts: Translator) -> list[Sheet]:
    """A page's sheets; the one that was sent and refused with what was typed in it and why."""
    return [_again(sheet, sent, texts) if sent and sheet.id == sent.filled.text("sheet") else sheet for sheet in sheets]


def _again(sheet: Sheet, sent: Sent, texts: Translator) -> Sheet:
    """The sheet with what was typed. After a change by another it says what that is: sent again, it replaces it."""
    refusal, typed = sent.refusal, sent.filled.like(sheet.values)
    if isinstance(refusal, HallChangedError):
        other = {name: value for name, value in sheet.values.items() if value != typed[name]}
        return replace(sheet, values=typed, now=other, refused=texts(CHANGED))
    place = _field(refusal)
    if place not in typed:
        return replace(sheet, values=typed, refused=texts.fill(refusal.message, refusal.details))
    fault = _fault(refusal, texts, empty=not typed[place])
    return replace(sheet, values=typed, faults={place: fault}, refused=texts(MARKED))


def _fault(refusal: DomainError, texts: Translator, *, empty: bool) -> str:
    """What is wrong with a field. Its own hint says what fits, so that a wrong shape needs no more words."""
    if "reason" not in refusal.details:
        return texts.fill(refusal.message, refusal.details)
    return texts(_("Please fill this in.")) if empty else texts(_("This doesn't fit here."))


def _field(refusal: DomainError) -> str:
    """The field's own name: the last part of its place in the document."""
    return _INDEX.sub("", str(refusal.details.get("field", ""))).rpartition(".")[2]

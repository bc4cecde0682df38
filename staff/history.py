"""What was done in a hall: the events of its line and the audit of how it is run, read as one, latest first.

Beside it what was done that is no hall's: to headquarters, provinces and places with stock.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Any, Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct, structs
from pypika_tortoise.terms import Function, ValueWrapper
from tortoise.expressions import Q, ResolveContext
from tortoise.models import Model
from tortoise.query_utils import QueryModifier
from tortoise.queryset import QuerySet
from typing_extensions import override

from halls.hall import Hall
from o2o.kernel.audit import hall_tag
from o2o.kernel.clock import MILLISECOND, from_ms, rfc3339, to_ms
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Entry
from o2o.kernel.models import ArchivedEvent, Deed, Event
from o2o.kernel.paging import PageQuery

NUMBER: Final = re.compile(r"[A-Z]{1,3}[0-9]{3,7}")
CURSOR: Final = re.compile(r"([0-9]{1,15})([de])([0-9]{1,18})")
SEARCHED: Final = timedelta(days=31)
"""A number is looked for in the entries themselves, so not in all years."""
# Of one moment, deeds come before events: any order would do, if it is always the same.
_EVENT: Final = "e"
_DEED: Final = "d"
_HALLS: Final = hall_tag("")

M = TypeVar("M", bound=Model)
Moment = Annotated[datetime, Meta(tz=True)]


class DeedsQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """What to look for.

    `name` is a kind (`ticket.called`) or all of a sort (`ticket`); `actor` as events name it (`staff:clerk1`), or a
    username.
    """

    since: Moment | None = None
    until: Moment | None = None
    name: Annotated[str, Meta(max_length=32)] | None = None
    actor: Annotated[str, Meta(max_length=80)] | None = None


class HistoryQuery(DeedsQuery, frozen=True, forbid_unknown_fields=True):
    """What to look for in a hall; a `ticket` by its id, or by a number (`A012`) of the 31 days before `until`."""

    ticket: Annotated[str, Meta(max_length=32)] | None = None


class Recorded(Struct, frozen=True, omit_defaults=True, rename={"source": "from", "target": "to"}):
    """One event or deed. Where it is a ticket's: which, its `number`, and the states `from` and `to`.

    Where how the hall is run was changed: `subject` is what it was done to, `before` and `after` what differs.
    """

    id: str
    at: str
    name: str
    actor: str
    reason: str | None = None
    ticket: str | None = None
    number: str | None = None
    counter: str | None = None
    source: str | None = None
    target: str | None = None
    subject: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


class History(Struct, frozen=True):
    events: list[Recorded]
    next_cursor: str | None


class _NoHalls(Q):
    """What is no hall's, in the words of the index of just that: SQLite looks for it only where no word is a value."""

    @override
    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        begins = Function("SUBSTR", resolve_context.table.tag, _word(1), _word(len(_HALLS)))
        return QueryModifier(where_criterion=begins != _word(_HALLS))


class _Found(NamedTuple):
    """A row of either table, by its place in the whole."""

    at: int
    table: str
    id: int
    row: Event | ArchivedEvent | Deed

    @property
    def cursor(self) -> str:
        return f"{self.at}{self.table}{self.id}"


def _word(value: int | str) -> ValueWrapper:
    return ValueWrapper(value, allow_parametrize=False)


async def beyond_halls(zone: tzinfo, asked: DeedsQuery) -> History:
    """A page of what was done that is no hall's, on a clock in `zone`. Raises InvalidError as `history`."""
    deeds = await _matching(Deed, _NoHalls(), asked, _place(asked.cursor), _DEED).limit(asked.limit + 1)
    return _page([_Found(deed.at, _DEED, deed.id, deed) for deed in deeds], asked.limit, zone)


async def history(hall: Hall, asked: HistoryQuery, now: datetime) -> History:
    """A page of what was done in the hall. Raises InvalidError for a cursor that is none of ours."""
    if asked.ticket and _number(asked.ticket) and asked.since is None:
        asked = structs.replace(asked, since=from_ms(max(0, to_ms(asked.until or now) - SEARCHED // MILLISECOND)))
    tags, before, most = Q(tag=hall_tag(hall.id)), _place(asked.cursor), asked.limit + 1
    wanted = tags & _of_ticket(asked.ticket) if asked.ticket else tags
    # In this order: an event that moves to the archive meanwhile is read once or twice, never not at all.
    events: list[Event | ArchivedEvent] = [*await _matching(Event, wanted, asked, before, _EVENT).limit(most)]
    events += await _matching(ArchivedEvent, wanted, asked, before, _EVENT).limit(most)
    deeds = [] if asked.ticket else await _matching(Deed, tags, asked, before, _DEED).limit(most)
    found = [_Found(event.at, _EVENT, event.id, event) for event in {event.id: event for event in events}.values()]
    found += [_Found(deed.at, _DEED, deed.id, deed) for deed in deeds]
    return _page(sorted(found, key=lambda one: one[:3], reverse=True), asked.limit, ZoneInfo(hall.time_zone))


def _page(found: Sequence[_Found], limit: int, zone: tzinfo) -> History:
    shown = found[:limit]
    return History([_recorded(one, zone) for one in shown], shown[-1].cursor if len(found) > limit else None)


def _matching(
    model: type[M], wanted: Q, asked: DeedsQuery, before: tuple[int, str, int] | None, table: str
) -> QuerySet[M]:
    if asked.since:
        wanted &= Q(at__gte=to_ms(asked.since))
    if asked.until:
        wanted &= Q(at__lt=to_ms(asked.until))
    if before:
        at, other, row = before
        rest = Q(id__lt=row) if other == table else Q(id__gt=0) if table < other else Q(id__lt=0)
        wanted &= Q(at__lte=at) & (Q(at__lt=at) | rest)
    if asked.name:
        wanted &= Q(name=asked.name) if "." in asked.name else Q(name__startswith=f"{asked.name}.")
    if asked.actor:
        wanted &= Q(actor__in=(asked.actor, f"staff:{asked.actor}"))
    return model.filter(wanted).order_by("-at", "-id")


def _of_ticket(wish: str) -> Q:
    """By its id; or by its number, which the entry says in its own words, and which each day gives anew."""
    number = _number(wish)
    return Q(data__contains=f'"number":"{number}"') if number else Q(ticket=wish)


def _number(wish: str) -> str | None:
    number = "".join(wish.upper().split())
    return number if NUMBER.fullmatch(number) else None


def _place(cursor: str | None) -> tuple[int, str, int] | None:
    if cursor is None:
        return None
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidError(_("The list has changed. Read it from its beginning."), field="cursor")
    return int(found[1]), found[2], int(found[3])


def _decoded(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else msgspec.json.decode(text, type=dict[str, Any])


def _recorded(found: _Found, zone: tzinfo) -> Recorded:
    row, at = found.row, rfc3339(found.at, zone)
    if isinstance(row, Deed):
        before, after = _decoded(row.before), _decoded(row.after)
        return Recorded(found.cursor, at, row.name, row.actor, subject=row.subject, before=before, after=after)
    entry = msgspec.json.decode(row.data, type=Entry)
    return Recorded(
        id=found.cursor,
        at=at,
        name=row.name,
        actor=row.actor,
        reason=row.reason,
        ticket=row.ticket,
        number=entry.rows.get("ticket", {}).get("number"),
        counter=row.counter,
        source=row.source,
        target=row.target,
        after={"part": entry.facts["part"]} if "part" in entry.facts else None,
    )

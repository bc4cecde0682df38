"""People, sessions and keys as the page of a hall's people says them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from o2o.kernel.i18n import _
from o2o.kernel.words import clock_time
from staff.manage import Frame
from staff.people_schemas import KeyRow, PersonRow, SessionRow
from staff.ranks import gives, rules
from staff.schemas import Right
from staff.states import IN_A_HALL, Role, SessionKind

_ROLES = {Role.CLERK: _("Clerk"), Role.MANAGER: _("Manager")}
_KINDS = {SessionKind.BROWSER: _("On a page"), SessionKind.API: _("By a program")}


def person_rows(here: Frame, people: Sequence[PersonRow], sessions: Sequence[SessionRow]) -> list[dict[str, Any]]:
    """Each person with their sessions; `own` says what of them the reader may settle."""
    return [_person(here, one, [session for session in sessions if session.username == one.username]) for one in people]


def key_rows(here: Frame, keys: Sequence[KeyRow]) -> list[dict[str, Any]]:
    return [
        {
            "id": key.id,
            "name": key.name,
            "role": here.texts(_ROLES[key.role]),
            "read_only": key.read_only,
            "made_by": key.made_by,
            "used": _moment(here, key.last_used_at) if key.last_used_at else "",
            "ends": _moment(here, key.expires_at) if key.expires_at else "",
        }
        for key in keys
    ]


def _person(here: Frame, person: PersonRow, sessions: Sequence[SessionRow]) -> dict[str, Any]:
    mine = [right for right in person.roles if right.role in IN_A_HALL and right.scope == here.hall.id]
    counter = next((right.counter for right in mine if right.counter), None)
    return {
        "username": person.username,
        "name": person.name,
        "roles": " · ".join(_role(here, right) for right in mine),
        "manager": any(right.role is Role.MANAGER for right in mine),
        "counter": counter or "",
        "elsewhere": len(mine) < len(person.roles),
        "disabled": person.disabled,
        "pin": person.pin,
        "sessions": [_session(here, session) for session in sessions],
        "may_move": all(gives(here.staff, right) for right in mine),
        "may_settle": rules(here.staff, person.roles),
    }


def _role(here: Frame, right: Right) -> str:
    counter = here.hall.counter(right.counter) if right.counter else None
    said = here.texts(_ROLES[right.role])
    return f"{said} · {here.texts(_('Counter %(counter)s'), counter=counter.name)}" if counter else said


def _session(here: Frame, session: SessionRow) -> dict[str, Any]:
    return {
        "id": session.id,
        "kind": here.texts(_KINDS[SessionKind(session.kind)]),
        "since": _moment(here, session.created_at),
        "seen": _moment(here, session.last_seen_at),
        "locked": session.locked,
        "mine": session.id == here.staff.session,
    }


def _moment(here: Frame, moment: datetime) -> str:
    """The time, with the day when it is not today's."""
    zone = ZoneInfo(here.hall.time_zone)
    local, now = moment.astimezone(zone), here.request.state["clock"]().astimezone(zone)
    return clock_time(moment, zone) if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M}"

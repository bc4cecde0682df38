"""Changing a hall's document while people wait, and telling everybody who watches the hall."""

from typing import NamedTuple

from booking.errors import ClassInUseError, CounterInUseError, ServiceInUseError
from booking.queries import counters_in_use, in_use
from booking.service.days import tell_of_revision
from booking.service.line import Line
from halls.hall import Hall
from halls.schemas import HallInput
from halls.service import Edit, write_hall
from o2o.kernel.errors import ConflictError
from o2o.kernel.i18n import _


class _InUse(NamedTuple):
    """What the people of a hall wait for or are served at."""

    services: set[str]
    classes: set[str]
    counters: set[str]


async def configure(line: Line, hall_id: str, edit: Edit, part: str = "whole", *, actor: str) -> tuple[Hall, bool]:
    """Change the hall as `edit` says and record that `actor` changed this `part`; says too whether the hall is new.

    Raises ServiceInUseError, ClassInUseError, CounterInUseError, and what `write_hall` raises; then nothing is changed.
    """
    used, seen = await _in_use(hall_id), list[tuple[HallInput, HallInput]]()

    def checked(before: HallInput | None, rev: int) -> HallInput:
        after = edit(before, rev)
        if before is not None:
            _refuse_loss(before, after, used)
            seen.append((before, after))
        return after

    hall, created = await _write(line, hall_id, checked, part, actor)
    for before, after in seen:
        try:  # Who came since we looked is in SQL by now, and nobody comes any more: the line has told the change.
            _refuse_loss(before, after, await _in_use(hall_id))
        except ConflictError:
            await _write(line, hall_id, _back(before, hall.rev), part, actor)
            raise
    return hall, created


async def _write(line: Line, hall_id: str, edit: Edit, part: str, actor: str) -> tuple[Hall, bool]:
    hall, created = await write_hall(line.directory, hall_id, edit, now=line.clock(), actor=actor)
    await tell_of_revision(line, hall, part, actor)
    return hall, created


def _back(before: HallInput, changed: int) -> Edit:
    """To what the hall was before the revision `changed`, unless it is another by now."""
    return lambda now, rev: before if now is None or rev == changed else now


async def _in_use(hall_id: str) -> _InUse:
    return _InUse(*await in_use(hall_id), await counters_in_use(hall_id))


def _refuse_loss(before: HallInput, after: HallInput, used: _InUse) -> None:
    """Whoever waits or serves keeps service, class and counter; what was lost before nobody can keep."""
    if lost := sorted((_services(before) & used.services) - _services(after)):
        message = _("People still wait for the service “%(service)s”. Serve them before you take it away.")
        raise ServiceInUseError(message, service=lost[0], field="services")
    if lost := sorted((_counters(before) & used.counters) - _counters(after)):
        message = _("Counter %(counter)s is open. Close it before you take it away.")
        raise CounterInUseError(message, counter=lost[0], field="counters")
    if lost := sorted(used.classes.intersection(before.rules.classes).difference(after.rules.classes)):
        message = _("People of the class “%(name)s” still wait. Serve them before you take it away.")
        raise ClassInUseError(message, name=lost[0], field="rules.classes")


def _services(document: HallInput) -> set[str]:
    return {service.id for service in document.services}


def _counters(document: HallInput) -> set[str]:
    return {counter.id for counter in document.counters}

"""Changing a hall's document while people wait, and telling everybody who watches the hall."""

from booking.errors import ClassInUseError, CounterInUseError, ServiceInUseError
from booking.queries import counters_in_use, in_use
from booking.service.days import tell_of_revision
from booking.service.line import Line
from halls.hall import Hall
from halls.schemas import HallInput
from halls.service import Edit, write_hall
from o2o.kernel.i18n import _


async def configure(line: Line, hall_id: str, edit: Edit, part: str = "whole", *, actor: str) -> tuple[Hall, bool]:
    """Change the hall as `edit` says and record that `actor` changed this `part`; says too whether the hall is new.

    Raises ServiceInUseError, ClassInUseError, CounterInUseError, and what `write_hall` raises; then nothing is changed.
    """
    (services, classes), counters = await in_use(hall_id), await counters_in_use(hall_id)

    def checked(before: HallInput | None, rev: int) -> HallInput:
        after = edit(before, rev)
        if before is not None:
            _refuse_loss(before, after, services, counters)
            _refuse_loss_of_class(before, after, classes)
        return after

    hall, created = await write_hall(line.directory, hall_id, checked, now=line.clock(), actor=actor)
    await tell_of_revision(line, hall, part, actor)
    return hall, created


def _refuse_loss(before: HallInput, after: HallInput, services: set[str], counters: set[str]) -> None:
    """Whoever waits or serves keeps the service and the counter; what was lost before nobody can keep."""
    if lost := sorted((_services(before) & services) - _services(after)):
        message = _("People still wait for the service “%(service)s”. Serve them before you take it away.")
        raise ServiceInUseError(message, service=lost[0], field="services")
    if lost := sorted((_counters(before) & counters) - _counters(after)):
        message = _("Counter %(counter)s is open. Close it before you take it away.")
        raise CounterInUseError(message, counter=lost[0], field="counters")


def _services(document: HallInput) -> set[str]:
    return {service.id for service in document.services}


def _counters(document: HallInput) -> set[str]:
    return {counter.id for counter in document.counters}


def _refuse_loss_of_class(before: HallInput, after: HallInput, classes: set[str]) -> None:
    if lost := sorted(classes.intersection(before.rules.classes).difference(after.rules.classes)):
        message = _("People of the class “%(name)s” still wait. Serve them before you take it away.")
        raise ClassInUseError(message, name=lost[0], field="rules.classes")

"""What a wish names must be the hall's."""

from collections.abc import Collection

from halls.hall import Hall
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _


def check_class(hall: Hall, name: str) -> None:
    """Raises InvalidError."""
    if name not in hall.rules.classes:
        known = ", ".join(hall.rules.classes)
        raise InvalidError(_("This hall's classes are: %(classes)s."), field="class", classes=known)


def check_services(hall: Hall, services: Collection[str], *, field: str) -> None:
    """Raises InvalidError."""
    for service in services:
        if hall.service(service) is None:
            raise no_service(service, field=field)


def no_service(service: str, *, field: str = "service") -> InvalidError:
    return InvalidError(_("This hall does not offer the service “%(service)s”."), field=field, service=service)

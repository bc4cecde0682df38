"""What halls refuse with."""

from o2o.kernel.errors import ConflictError, NotFoundError, UnavailableError
from o2o.kernel.i18n import _


class HallNotFoundError(NotFoundError):
    code = "hall_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such hall."))


class HallUnreadableError(UnavailableError):
    """What SQL has of the hall, a later release has written."""

    def __init__(self) -> None:
        super().__init__(_("This hall can't be shown just now. Please try again later."), retry_after=60)


class CounterNotFoundError(NotFoundError):
    code = "counter_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such counter."))


class CounterTakenError(ConflictError):
    """Counter ids are unique over all halls; `field` is where the document names the taken one."""

    code = "counter_taken"

    def __init__(self, counter: str, *, field: str) -> None:
        super().__init__(_("Counter %(counter)s belongs to another hall."), counter=counter, field=field)


class PlaceTakenError(ConflictError):
    """Halls and warehouses share one namespace of ids."""

    code = "place_taken"

    def __init__(self, place: str) -> None:
        super().__init__(_("%(place)s is a hall's or a warehouse's id already."), place=place)


class HallChangedError(ConflictError):
    """Somebody else changed the same hall, or the same part of it, since this writer looked; or at the same moment."""

    code = "hall_changed"

    def __init__(self) -> None:
        super().__init__(_("Somebody else has changed this meanwhile. Look at it again, then repeat."))

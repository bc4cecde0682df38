"""What pairing refuses with."""

from o2o.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from o2o.kernel.i18n import _


class CodeUnknownError(NotFoundError):
    """The same for a code that never was, that has run out and that was used."""

    code = "code_unknown"

    def __init__(self) -> None:
        message = _("No screen shows this code now. Look at the screen: codes change every 15 minutes.")
        super().__init__(message, field="code")


class DeviceUnknownError(NotFoundError):
    """The same for a forged secret, a code that ran out before anyone entered it and a revoked device."""

    code = "device_unknown"

    def __init__(self) -> None:
        super().__init__(_("This screen is not known any more. Pair it again."))


class TakenOffError(ForbiddenError):
    """A screen comes back that a manager has taken off its hall."""

    def __init__(self) -> None:
        super().__init__(_("This screen is not known any more. Pair it again."))


class NotPairedError(ConflictError):
    code = "not_paired"

    def __init__(self) -> None:
        super().__init__(_("Nobody has entered this screen’s code yet."))

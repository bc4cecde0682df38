"""What codes refuse with."""

from o2o.kernel.errors import InvalidError, NotFoundError
from o2o.kernel.i18n import _


class CodeNotFoundError(NotFoundError):
    """Forged, unknown, revoked, not yet or no longer valid: all alike, so that an answer teaches a forger nothing."""

    code = "code_not_found"

    def __init__(self) -> None:
        super().__init__(_("This code leads nowhere. It may be old; ask in the hall."))


class TextTooLongError(InvalidError):
    """More text than a code can carry and still be read across a room."""

    code = "code_text_too_long"

    def __init__(self, length: int, limit: int) -> None:
        message = _("%(length)s bytes are too many for a code; it carries %(limit)s at most. Use a shorter address.")
        super().__init__(message, field="text", length=length, limit=limit)

"""What a verb may refuse with. One handler turns these into problem+json or a page (kernel/problems.py)."""

from typing import Any, ClassVar

from typing_extensions import override


class DomainError(Exception):
    """A refusal the caller is meant to read.

    `message` is a gettext id with `%(name)s` placeholders that `details` fill; the details
    are members of the answer too.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"
    way_on: ClassVar[tuple[str, str] | None] = None
    """Where a page that says so leads, and how that is called (a gettext id); None: to the halls."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, details)
        self.message = message
        self.details = details

    @override
    def __str__(self) -> str:
        return self.message % self.details


class InvalidError(DomainError):
    """Bad input; `field` is the member, parameter or header at fault."""

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, field: str, **details: Any) -> None:
        super().__init__(message, field=field, **details)


class UnauthorizedError(DomainError):
    status = 401
    code = "sign_in_required"


class ForbiddenError(DomainError):
    status = 403
    code = "forbidden"


class NotFoundError(DomainError):
    status = 404
    code = "not_found"


class ConflictError(DomainError):
    """The request is sound, but not with things as they are."""


class TooLargeError(DomainError):
    status = 413
    code = "too_large"


class _LaterError(DomainError):
    """A refusal that says when to come back; `retry_after` (seconds) becomes the header."""

    def __init__(self, message: str, *, retry_after: int, **details: Any) -> None:
        super().__init__(message, retry_after=retry_after, **details)
        self.retry_after = retry_after


class TooManyError(_LaterError):
    status = 429
    code = "too_many"


class UnavailableError(_LaterError):
    """Not now, and whether it happened is unknown: repeat with the same key."""

    status = 503
    code = "unavailable"


class IdempotencyKeyRequiredError(DomainError):
    status = 400
    code = "idempotency_key_required"


class IdempotencyKeyReusedError(DomainError):
    status = 422
    code = "idempotency_key_reused"

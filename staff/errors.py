"""What staff may be told instead of what they asked for."""

from o2o.kernel.errors import ConflictError, ForbiddenError, NotFoundError, TooManyError, UnauthorizedError
from o2o.kernel.i18n import _


class WrongCredentialsError(UnauthorizedError):
    """The same for an unknown username, a wrong password and a disabled person."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__(_("The user name or the password is not right."))


class TooManySignInsError(TooManyError):
    code = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(_("Too many attempts. Try again in %(retry_after)s seconds."), retry_after=retry_after)


class SignInRequiredError(UnauthorizedError):
    def __init__(self, message: str = _("Please sign in.")) -> None:
        super().__init__(message)


class LockedError(SignInRequiredError):
    """Signed in, and the tablet was left alone: a PIN unlocks it. Until then it is nobody's."""

    code = "locked"

    def __init__(self) -> None:
        super().__init__(_("This page is locked. Sign in to unlock it."))


class WrongPinError(UnauthorizedError):
    """`left`: how many tries are left before the session ends."""

    code = "wrong_pin"

    def __init__(self, left: int) -> None:
        message = _("That is not your PIN. Tries left: %(left)s.") if left else _("Too many tries. Please sign in.")
        super().__init__(message, left=left)


class NoPinError(ConflictError):
    code = "no_pin"

    def __init__(self) -> None:
        super().__init__(_("You have no PIN yet. Sign in with your password."))


class NoRightError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(_("You have no right to do this here. Ask your manager, or sign in as somebody who has it."))


class ForeignRequestError(ForbiddenError):
    """An unsafe request that relies on the cookie and has no CSRF token of this session, or comes from another site."""

    code = "csrf"

    def __init__(self) -> None:
        super().__init__(_("This page is out of date. Load it again and repeat what you did."))


class PersonExistsError(ConflictError):
    code = "person_exists"

    def __init__(self, username: str) -> None:
        super().__init__(_("There is already somebody called %(username)s."), username=username)


class PersonNotFoundError(NotFoundError):
    code = "person_not_found"

    def __init__(self, username: str) -> None:
        super().__init__(_("Nobody is called %(username)s."), username=username)


class ReadOnlyError(ForbiddenError):
    """A key that may only ask."""

    code = "read_only"

    def __init__(self) -> None:
        super().__init__(_("This key may only read."))


class KeyNotFoundError(NotFoundError):
    code = "key_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such key."))


class SessionNotFoundError(NotFoundError):
    code = "session_not_found"

    def __init__(self) -> None:
        super().__init__(_("This session is over, or there is none."))

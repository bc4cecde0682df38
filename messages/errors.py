"""What messages refuse with."""

from messages.states import State
from o2o.kernel.errors import ConflictError, NotFoundError
from o2o.kernel.i18n import _


class MessageNotFoundError(NotFoundError):
    code = "message_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such message."))


class MessageWaitsError(ConflictError):
    """It is not sent yet, so there is nothing to send again."""

    code = "message_waits"

    def __init__(self) -> None:
        super().__init__(_("This message is still waiting to be sent."), state=State.WAITING.value)


class MessageErasedError(ConflictError):
    """Whom it went to is not kept any more."""

    code = "message_erased"

    def __init__(self) -> None:
        super().__init__(_("It is not kept any more whom this message went to."))

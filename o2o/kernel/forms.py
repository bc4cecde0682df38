"""What every page with a form says of it: its key, and why it was refused."""

import secrets
from typing import Any, Final

from o2o.kernel.errors import DomainError, IdempotencyKeyReusedError, UnavailableError
from o2o.kernel.i18n import Translator, _

SENT_BEFORE: Final = _("This was sent before with something else in it. Look whether that was done, then press again.")

MARKED: Final = _("The marked field")
"""What a page calls a field by, instead of the name that programs know it by."""


def new_key() -> str:
    """An idempotency key for a form: pressing its button twice is one act."""
    return secrets.token_urlsafe(16)


def next_key(key: str, refusal: DomainError | None) -> str:
    """The key of the form as it is shown again: whether it happened is unknown after a 503, so the same goes out."""
    return key if key and isinstance(refusal, UnavailableError) else new_key()


def refused(refusal: DomainError | None, texts: Translator) -> dict[str, Any]:
    """What a page says of a refused form, and which field was at fault."""
    if refusal is None:
        return {"refused": None, "refused_field": None}
    message = SENT_BEFORE if isinstance(refusal, IdempotencyKeyReusedError) else refusal.message
    field = refusal.details.get("field")
    return {"refused": texts.fill(message, {**refusal.details, "field": texts(MARKED)}), "refused_field": field}

"""Lists a page at a time: `limit` of them, and a cursor for what follows."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Annotated, Final, TypeVar

import msgspec

from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _

T = TypeVar("T")

Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str, msgspec.Meta(max_length=64, description="The `next_cursor` of the page before.")]
USUAL: Final = 100


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of a list."""

    limit: Limit = USUAL
    cursor: Cursor | None = None


def page(rows: Iterable[T], limit: int, cursor: str | None, name: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """The rows behind the one that `cursor` names, and the cursor of the next page; None when this is the last.

    A cursor names a row and not a place, so that nothing is passed over when rows before it come or go. Raises
    InvalidError when the row is not in the list any more.
    """
    rest = iter(rows)
    if cursor is not None and not any(name(row) == cursor for row in rest):
        raise InvalidError(_("The list has changed. Read it from its beginning."), field="cursor")
    shown = list(islice(rest, limit))
    return shown, name(shown[-1]) if any(True for _row in islice(rest, 1)) else None

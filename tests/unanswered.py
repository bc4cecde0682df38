"""An answer that is lost on its way back: what was asked for is done, and whoever asked knows nothing of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from o2o.kernel.errors import UnavailableError


@contextmanager
def unanswered(kind: type, verb: str) -> Iterator[None]:
    """In the block this verb does its work and is then not known to have done it."""
    done = getattr(kind, verb)

    async def silent(*args: Any, **options: Any) -> None:
        await done(*args, **options)
        raise UnavailableError("cut", retry_after=1)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(kind, verb, silent)
        yield

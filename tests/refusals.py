"""What is refused must leave no trace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import pytest

from o2o.kernel.errors import DomainError


class Traced(Protocol):
    async def trace(self) -> list[Any]:
        """Everything that a verb leaves behind."""


@asynccontextmanager
async def refused(one: Traced, error: type[DomainError], **details: object) -> AsyncIterator[None]:
    """What is done inside is refused with these details, and leaves no trace."""
    before = await one.trace()
    with pytest.raises(error) as caught:
        yield
    assert {name: caught.value.details.get(name) for name in details} == details
    assert await one.trace() == before

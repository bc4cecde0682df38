"""A process that dies at a step of placing an order."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from halls.stock.service import Stockroom
from o2o.kernel.errors import UnavailableError
from orders.service import collecting, placing, splitting, stocking

STEPS: Final[dict[str, Any]] = {
    "_decide": splitting,
    "hold": Stockroom,
    "write": placing,
    "allocate": Stockroom,
    "hand_over": Stockroom,
    "_know": stocking,
    "take_pieces": collecting,
}


@contextmanager
def cut(when: str, step: str) -> Iterator[None]:
    """Who orders in the block gets no answer: the process dies just before or just after a step, "second hold" too.

    What it did stays done.
    """
    name, times = step.removeprefix("second "), 2 if step.startswith("second ") else 1
    whole, passed = getattr(STEPS[name], name), 0

    async def dying(*args: Any, **options: Any) -> Any:
        nonlocal passed
        passed += 1
        if passed < times:
            return await whole(*args, **options)
        if when == "after":
            await whole(*args, **options)
        raise UnavailableError("cut", retry_after=1)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(STEPS[name], name, dying)
        yield

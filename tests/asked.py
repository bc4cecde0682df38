"""What a test's own code asks SQL: for properties that hold however many rows there are."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from o2o.kernel.database import connection


class Asked(NamedTuple):
    """A statement, its values, and how many rows it found."""

    statement: str
    values: list[object]
    rows: int


def asked_from_now_on(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """The statements outside of transactions, in their order, as they are asked; the database is open."""
    statements: list[Asked] = []
    client = type(connection())
    for name in ("execute_query", "execute_query_dict"):
        monkeypatch.setattr(client, name, _noted(getattr(client, name), statements))
    return statements


def _noted(plain: Callable[..., Awaitable[Any]], statements: list[Asked]) -> Callable[..., Awaitable[Any]]:
    async def noted(self: object, query: str, values: list[object] | None = None) -> Any:
        found = await plain(self, query, values)
        statements.append(Asked(query, values or [], len(found[1] if isinstance(found, tuple) else found)))
        return found

    return noted

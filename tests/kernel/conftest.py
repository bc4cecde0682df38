"""Servers that a test of the kernel may kill."""

from collections.abc import Iterator

import pytest

from tests.postgres import PostgresServer


@pytest.fixture
def mortal_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """A PostgreSQL of its own, to be killed or kept from answering: nobody waits long for it."""
    monkeypatch.setattr("o2o.kernel.postgres.COMMAND_S", 1)
    monkeypatch.setattr("o2o.kernel.postgres.ACQUIRE_S", 1)
    server = PostgresServer()
    server.start()
    yield server
    server.close()

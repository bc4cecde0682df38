"""Models say what the tables are, migrations make them: neither may go its own way."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.migrations import Migration
from tortoise.migrations import operations as ops
from tortoise.migrations.autodetector import MigrationAutodetector

from o2o.kernel.database import APPS, tortoise_config


def migrations() -> Iterator[Migration]:
    for app, package in APPS.items():
        folder = import_module(f"{package}.migrations")
        for module in iter_modules(folder.__path__):
            yield import_module(f"{folder.__name__}.{module.name}").Migration(module.name, app)


def test_the_migrations_make_what_the_models_describe() -> None:
    async def drift() -> list[object]:
        config = tortoise_config("sqlite://:memory:")
        await Tortoise.init(config=config, init_connections=False)
        assert Tortoise.apps is not None
        return list(await MigrationAutodetector(Tortoise.apps, config["apps"]).changes())

    assert asyncio.run(drift()) == []


ADDED_LATER = [
    (migration, operation) for migration in migrations() if migration.dependencies for operation in migration.operations
]
TAKES_AWAY = (ops.DeleteModel, ops.RemoveField, ops.RenameField, ops.RenameModel)


@pytest.mark.parametrize(
    ("migration", "operation"), ADDED_LATER, ids=lambda part: getattr(part, "name", type(part).__name__)
)
def test_the_release_before_goes_on_beside_a_migration(migration: Migration, operation: Any) -> None:
    """It writes and reads the columns that it knows: a new one fills itself, an old one goes a release later."""
    assert not isinstance(operation, TAKES_AWAY)
    if isinstance(operation, ops.AddField):
        field: Any = operation.field
        assert field.null or field.has_db_default(), "null=True or db_default=…"

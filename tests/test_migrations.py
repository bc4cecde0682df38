"""Models say what the tables are, migrations make them: neither may go its own way."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.indexes import Index
from tortoise.migrations import Migration
from tortoise.migrations import operations as ops
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

from o2o.kernel.database import APPS, is_postgres, open_database, tortoise_config


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


SQLITE_INDEXES = "SELECT name FROM sqlite_master WHERE type = 'index'"


async def test_every_index_that_a_model_names_is_there(database: str) -> None:
    """Where a migration puts a constraint on a table, SQLite makes that anew and loses the indexes it had."""
    async with open_database(database) as client:
        known = "SELECT indexname AS name FROM pg_indexes"
        rows = await client.execute_query_dict(known if is_postgres(client) else SQLITE_INDEXES)
        assert Tortoise.apps is not None
        named = {name for models in Tortoise.apps.values() for model in models.values() for name in indexes_of(model)}

    assert named - {row["name"] for row in rows} == set()


def indexes_of(model: type[Model]) -> Iterator[str]:
    """Those with names of their own, and those of single fields, as Tortoise calls them."""
    table, columns = model._meta.db_table, model._meta.fields_db_projection
    yield from (str(index.name) for index in model._meta.indexes if isinstance(index, Index))
    for name, field in model._meta.fields_map.items():
        if field.index and not field.unique:
            column = columns[name]
            digest = sha256(f"{table};{column}".encode()).hexdigest()[:6]
            yield f"idx_{table[:11]}_{column[:7]}_{digest}"


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

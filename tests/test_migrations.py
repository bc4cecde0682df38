"""Models say what the tables are, migrations make them: neither may go its own way."""

import asyncio

from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector

from o2o.kernel.database import tortoise_config


def test_the_migrations_make_what_the_models_describe() -> None:
    async def drift() -> list[object]:
        config = tortoise_config("sqlite://:memory:")
        await Tortoise.init(config=config, init_connections=False)
        assert Tortoise.apps is not None
        return list(await MigrationAutodetector(Tortoise.apps, config["apps"]).changes())

    assert asyncio.run(drift()) == []

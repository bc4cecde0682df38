"""Indexes of tables that have grown: a migration builds them while everybody goes on writing to those."""

from tortoise.migrations.operations import RunPython
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from o2o.kernel.database import is_postgres


def build_indexes(**indexes: str) -> RunPython:
    """Build `name="table (columns) WHERE …"`, each that is not there; the migration says `atomic = False`.

    On PostgreSQL `CONCURRENTLY`: what broke off half way there is no index yet, and is built anew.
    """

    async def build(_apps: StateApps, editor: BaseSchemaEditor) -> None:
        postgres = is_postgres(editor.client)
        for name, on in indexes.items():
            if postgres:
                await _drop_what_broke_off(editor, name)
            beside = "CONCURRENTLY " if postgres else ""
            await editor.client.execute_script(f"CREATE INDEX {beside}IF NOT EXISTS {name} ON {on}")

    async def drop(_apps: StateApps, editor: BaseSchemaEditor) -> None:
        for name in indexes:
            await editor.client.execute_script(f"DROP INDEX IF EXISTS {name}")

    return RunPython(build, drop)


async def _drop_what_broke_off(editor: BaseSchemaEditor, name: str) -> None:
    broken = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid"
    if await editor.client.execute_query_dict(broken, [name]):
        await editor.client.execute_script(f"DROP INDEX CONCURRENTLY {name}")

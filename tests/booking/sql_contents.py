"""Everything that SQL holds, as text to be searched."""

from tortoise import Tortoise


async def everything_in_sql() -> str:
    tables = [table for app in (Tortoise.apps or {}).values() for table in app.values()]
    return "\n".join([str(row) for table in tables for row in await table.all().values()])

"""Tables altered behind the service's back."""

from o2o.kernel.database import connection, is_postgres


async def alter(script: str) -> None:
    """Change tables as another program would: SQLite would have its own connection's triggers follow a new name."""
    client = connection()
    if not is_postgres(client):
        script = f"PRAGMA legacy_alter_table = ON; {script}; PRAGMA legacy_alter_table = OFF"
    await client.execute_script(script)

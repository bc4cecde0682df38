"""What SQL itself holds, where the run's own service keeps it: the last word of the comparison."""

from o2o.kernel.database import open_database

SELECT = "SELECT id, number, state FROM tickets"


async def read_record(database: str) -> dict[str, tuple[str, str]]:
    """Give each ticket's number and state."""
    async with open_database(database) as client:
        rows = await client.execute_query_dict(SELECT)
    return {row["id"]: (row["number"], row["state"]) for row in rows}

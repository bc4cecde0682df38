"""What the engines below the service give: PostgreSQL with a long past, its pool, SQLite as it grows."""

"""What a PostgreSQL backup holds, read from the script that pg_restore makes of it: no server is asked."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

from o2o.backups.contents import Contents, Note, Of

COPY: Final = re.compile(rb"COPY (?:\w+\.)?\"?(\w+)\"? \(([^)]*)\) FROM stdin;")
END: Final = b"\\."
OURS: Final = frozenset(
    {
        "halls", "tickets", "archived_tickets", "events", "archived_events", "fences", "backups", "number_floors",
        "tortoise_migrations",
    }
)  # fmt: skip


class _Reader:
    """The rows of each table, as they come by."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()
        self.note: Note | None = None
        self.halls: list[str] = []
        self.last_change: int | None = None
        self.epoch = 0
        self.migrations: set[str] = set()
        self.numbers: dict[Of, int] = {}

    def take(self, table: str, row: dict[str, str]) -> None:
        self.rows[table] += 1
        match table:
            case "halls":
                self.halls.append(row["id"])
            case "tickets" | "archived_tickets" | "number_floors":
                of = Of(row["hall"], row["day"], row["prefix"])
                self.numbers[of] = max(int(row["serial"]), self.numbers.get(of, 0))
            case "events" | "archived_events":
                self.last_change = max(int(row["at"]), self.last_change or 0)
            case "fences":
                self.epoch = max(int(row["epoch"]), self.epoch)
            case "tortoise_migrations":
                self.migrations.add(f"{row['app']}.{row['name']}")
            case _:
                self.note = Note(int(row["at"]), row["release"], tuple(row["keys"].split(",")))

    def contents(self) -> Contents | None:
        if not self.migrations:
            return None
        return Contents(
            note=self.note,
            halls=tuple(sorted(self.halls)),
            tickets=self.rows["tickets"] + self.rows["archived_tickets"],
            events=self.rows["events"] + self.rows["archived_events"],
            last_change=self.last_change,
            epoch=self.epoch,
            migrations=frozenset(self.migrations),
            numbers=self.numbers,
        )


async def read_script(lines: AsyncIterator[bytes]) -> Contents | None:
    """The contents, None when the tables are not o2o's. Reads to the end, so that all of it has been read once."""
    reader = _Reader()
    table, columns = "", list[str]()
    async for line in lines:
        if table:
            if line.rstrip(b"\n") == END:
                table = ""
            elif table in OURS:
                values = line.rstrip(b"\n").decode().split("\t")
                reader.take(table, dict(zip(columns, values, strict=True)))
        elif began := COPY.match(line):
            table = began[1].decode()
            columns = [name.strip().strip('"') for name in began[2].decode().split(",")]
    return reader.contents()

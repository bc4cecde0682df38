"""What can be seen of a hall by one process: in SQL, in Redis, and as it is announced."""

from typing import Any

from booking.ahead import people_ahead
from booking.models import CounterRecord, TicketRecord
from booking.order import Order
from booking.picture import BoardTicket, Picture
from booking.queries import ticket_row
from booking.schemas import TicketRow
from booking.service.line import Line
from halls.hall import Hall
from o2o.kernel.clock import to_ms
from o2o.kernel.models import Event
from tests.serving import MovableClock


class Looking:
    """Looks at the hall `heping`."""

    line: Line
    clock: MovableClock

    @property
    def hall(self) -> Hall:
        return self.line.directory.known("heping")

    async def row(self, row: TicketRow) -> TicketRow:
        return await self.row_of(row.id)

    async def row_of(self, ticket: str) -> TicketRow:
        """The ticket as SQL has it now."""
        found = await ticket_row(ticket)
        assert found is not None
        return found

    async def picture(self) -> Picture:
        """What everybody may see, once all is announced."""
        await self.line.close()
        picture = await self.line.store(self.hall).picture()
        assert picture is not None
        return picture

    async def order(self) -> Order[BoardTicket]:
        """Who would be called before whom, as it is announced."""
        return (await self.picture()).order(self.hall, to_ms(self.clock()))

    async def ahead_in_sql(self, day: str) -> dict[str, int | None]:
        """As a read without a picture says it, of everybody who waits on the day."""
        now = to_ms(self.clock())
        waiting = await TicketRecord.filter(state="waiting", day=day).values_list("id", flat=True)
        rows = [await self.row_of(str(ticket)) for ticket in waiting]
        return {row.id: await people_ahead(self.hall, row, now) for row in rows}

    async def line_of(self, *services: str) -> list[BoardTicket]:
        return (await self.order()).line(services)

    async def trace(self) -> list[Any]:
        """Everything that a verb leaves behind: events, rows, Redis' own account, and what was announced."""
        await self.line.close()
        rows = [await table.all().order_by("id").values() for table in (Event, TicketRecord, CounterRecord)]
        redis = self.line.store(self.hall)._redis.read
        keys = [f"{{hall:heping}}:{name}" for name in ("meta", "board", "summary", "tickets", "counters")]
        return [*rows, *[await redis.hgetall(key) for key in keys], await redis.xlen("{hall:heping}:feed")]

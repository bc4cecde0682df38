"""Which tickets are of days gone by, for the archive (o2o/kernel/archive.py)."""

from typing import Final

from booking.models import ArchivedTicket, TicketRecord
from o2o.kernel.archive import Shelf

TICKETS: Final = Shelf(
    TicketRecord,
    ArchivedTicket,
    due="""
        SELECT SUBSTR(tag, 6) AS owner FROM fences
        WHERE tag LIKE 'hall:%'
          AND (SELECT MIN(day) FROM tickets WHERE hall = SUBSTR(tag, 6)) < {before}
          AND (SELECT MIN(day) FROM tickets WHERE hall = SUBSTR(tag, 6))
            < (SELECT MAX(day) FROM tickets WHERE hall = SUBSTR(tag, 6))
    """,
    # A hall's newest day stays whole, however old it is: a rebuild goes on from it, and no clock brings it back.
    chosen="""
        SELECT id FROM tickets WHERE hall = {owner} AND day < {before}
           AND state NOT IN ('waiting', 'called', 'serving', 'parked')
           AND day < (SELECT MAX(day) FROM tickets WHERE hall = {owner})
         ORDER BY day LIMIT {most}
    """,
    before=lambda moment: moment.date().isoformat(),
)

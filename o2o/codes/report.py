"""A hall's codes and how often they were scanned, as endpoints and pages show them."""

from collections import Counter
from datetime import date
from typing import Final

from halls.hall import Hall
from o2o.codes.schemas import ScanRow
from o2o.kernel.clock import Clock
from o2o.kernel.errors import InvalidError
from o2o.kernel.i18n import _
from o2o.kernel.signing import Signer
from qr.queries import places_in_hall, scans_in_hall
from qr.schemas import Code
from qr.service import code_for_counter, code_for_hall
from qr.states import Agent, Source

USUAL_DAYS: Final = 30
MOST_DAYS: Final = 366

_Row = tuple[date, str, str | None, Source, Agent]


async def codes_that_hang(signer: Signer, hall: Hall, clock: Clock) -> list[Code]:
    """The code of the door, then those of the counters; a missing one is made now."""
    now = clock()
    door = await code_for_hall(signer, hall.id, now=now)
    return [door, *[await code_for_counter(signer, hall.id, counter.id, now=now) for counter in hall.counters]]


async def scans(hall: str, first: date, last: date) -> list[ScanRow]:
    """Scans by day, kind, place, source and agent, the latest day first; those of a replaced code count on."""
    places = await places_in_hall(hall)
    sums: Counter[_Row] = Counter()
    for scan in await scans_in_hall(hall, first, last):
        kind, place = places[scan.code]
        sums[scan.day, kind, place, scan.source, scan.agent] += scan.times
    return [ScanRow(*row, count) for row, count in sums.items()]


def days(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days that are asked for. Raises InvalidError."""
    last = last or today
    first = first or date.fromordinal(max(1, last.toordinal() - USUAL_DAYS + 1))
    if first > last:
        raise InvalidError(_("“from” must not be after “to”."), field="from")
    if (last - first).days >= MOST_DAYS:
        raise InvalidError(_("At most %(days)s days at a time."), field="from", days=MOST_DAYS)
    return first, last

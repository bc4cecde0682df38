"""Whether the line and its model are the same: in SQL, in Redis, on the board and in each process."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from booking.models import TicketRecord
from booking.schemas import PauseRow
from halls.pause import Paused
from o2o.kernel.clock import to_ms
from o2o.kernel.models import Event
from tests.booking.halls import Process
from tests.booking.model import COUNTERS, Hall


async def all_agree(processes: Sequence[Process], model: Hall, now: datetime) -> None:
    """Raises AssertionError where the hall is not as its model has it."""
    for one in processes:
        await one.line.close()
    rows = {row.id: seen(row) for row in await TicketRecord.all()}
    assert rows == {one.id: seen(one) for one in model.tickets}
    versions = [event.version for event in await Event.all().order_by("version")]
    assert versions == list(range(1, model.version + 1))
    await agree_on_the_board(processes[0], model, now)


async def agree_on_the_board(one: Process, model: Hall, now: datetime) -> None:
    picture = await one.line.store(one.hall).picture()
    if model.lost:
        assert picture is None
        return
    assert picture is not None
    load = (await one.line.loads([one.hall]))[0]
    model.tell_time(now)
    ahead = {one.id: model.ahead(one) for one in model.waiting}
    waiting = Counter(one.service for one in model.waiting)
    assert (picture.version, picture.day) == (model.version, model.day.isoformat())
    assert {row.id: seen(row) for row in picture.tickets.values()} == {t.id: seen(t) for t in model.shown}
    assert picture.order(one.hall, to_ms(now)).ahead == ahead
    assert await one.ahead_in_sql(picture.day) == ahead
    assert load.waiting == waiting
    assert picture.head_count == load.head_count == model.head_count
    assert paused(picture.pause) == paused(load.pause) == model.paused
    shown = {row.id: (row.clerk if row.open else None, row.ticket) for row in picture.counters.values()}
    have = {name: (ticket := model.at(name)) and ticket.id for name in COUNTERS}
    assert shown == {name: (model.clerks.get(name), have[name]) for name in shown}
    assert set(model.clerks) <= set(shown)


def paused(pause: PauseRow | Paused | None) -> set[str]:
    return {name for name in ("issuing", "calling") if pause and getattr(pause, name)}


def seen(row: Any) -> tuple[object, ...]:
    """What a ticket is to whoever compares it: from SQL, the board or the model alike."""
    place = (row.service, row.class_, row.bound, row.counter)
    return row.number, *place, str(row.state), str(row.day), round(float(row.turn), 2)

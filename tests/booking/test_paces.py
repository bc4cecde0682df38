"""How fast halls call is read of all together, and remembered for a while."""

import pytest

from booking import queries
from booking.queries import recent_calls
from tests.asked import asked_from_now_on
from tests.booking.halls import Process

TOGETHER = ("sim", "bill")


async def called_each_minute(one: Process, hall: str, people: int) -> list[int]:
    """When they were called, newest first."""
    await one.open(f"{hall}-1")
    for service in (TOGETHER * people)[:people]:
        await one.take(service=service, hall=hall)
    rows = []
    for _ in range(people):
        one.clock.advance(minutes=1)
        rows.append(await one.serve(f"{hall}-1"))
    return [row.called_at for row in reversed(rows) if row and row.called_at]


@pytest.mark.parametrize("parts", [1, 100])
async def test_each_line_has_its_own_last_calls(one: Process, monkeypatch: pytest.MonkeyPatch, parts: int) -> None:
    monkeypatch.setattr(queries, "PARTS", parts)
    await one.add_hall("nankai")
    here, there = await called_each_minute(one, "heping", 4), await called_each_minute(one, "nankai", 2)
    day = one.hall.business_day(one.clock()).isoformat()

    lines = [
        ("heping", day, TOGETHER),
        ("heping", day, ("bill",)),
        ("nankai", day, TOGETHER),
        ("nankai", "2001-01-01", TOGETHER),
    ]

    assert await recent_calls(lines, 3) == [here[:3], here[::2], there, []]
    assert await recent_calls([], 3) == []


async def test_a_list_of_halls_asks_once_how_fast_they_call(one: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    for hall in ("nankai", "hexi"):
        await one.add_hall(hall)
    await called_each_minute(one, "heping", 8)
    await one.line.close()
    halls = list(await one.line.directory.all())
    await one.line.loads(halls)
    asked = asked_from_now_on(monkeypatch)
    one.clock.advance(seconds=11)
    first, again = await one.line.loads(halls), await one.line.loads(halls)

    known = {hall.id: load.estimates["sim"].known for hall, load in zip(halls, first, strict=True)}
    assert known == {"heping": True, "hexi": False, "nankai": False}
    assert first == again
    assert len(asked) == 1

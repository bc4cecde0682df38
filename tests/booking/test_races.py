"""Many at once over two processes: no number twice, none skipped, one winner each. Each guard has its control."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

from booking.models import TicketRecord
from booking.schemas import TicketRow
from o2o.kernel.errors import DomainError
from o2o.kernel.models import Event
from tests.booking.guards import NO_OPERATION_IDS, altered, use, without_unique_keys
from tests.booking.halls import Process, events_in_sql, in_a_row, numbers_in_sql

CLIENTS, EACH = 64, 8
PLACES, PEOPLE = 20, 200
COUNTERS = [f"heping-{n}" for n in range(1, 17)]

NUMBERS_BY_COUNTING = (
    "redis.call('HINCRBY', NUMBERS, prefix, 1)",
    "redis.call('ZCARD', line_of[row.service][row.class]) + 1",
)
NO_CAPACITY = ("tonumber(meta.head_count) >= head.capacity", "false")
NO_BUSY_COUNTERS = ("if counter.ticket and not (served and served.state == 'serving') then", "if false then")
NO_STATES = (
    "if string.find(SOURCES[action], ',' .. row.state .. ',', 1, true) then return nil end",
    "do return nil end",
)


async def take_some(one: Process) -> None:
    for _ in range(EACH):
        await one.take()


async def call_all(one: Process, counter: str) -> None:
    """Serve whoever comes until everybody has been served."""
    while await TicketRecord.filter(state="completed").count() < CLIENTS * EACH:
        await one.serve(counter)


async def outcome(attempt: Awaitable[TicketRow | None]) -> str:
    """The number that was got, or the code of the refusal."""
    try:
        row = await attempt
    except DomainError as error:
        return error.code
    return row.number if row else "nobody"


async def outcomes(*attempts: Awaitable[TicketRow | None]) -> list[str]:
    return sorted(await asyncio.gather(*(outcome(attempt) for attempt in attempts)))


class TestTheWholeHall:
    async def test_64_clients_and_16_counters_no_number_twice_none_skipped_each_called_once(
        self, two: list[Process]
    ) -> None:
        await two[0].open(*COUNTERS)

        async with asyncio.timeout(60):
            await asyncio.gather(
                *(take_some(two[n % 2]) for n in range(CLIENTS)),
                *(call_all(two[n % 2], counter) for n, counter in enumerate(COUNTERS)),
            )

        assert await numbers_in_sql() == in_a_row(CLIENTS * EACH)
        calls = Counter([event.ticket for event in await Event.filter(name="ticket.called")])
        assert set(calls.values()) == {1}
        assert len(calls) == CLIENTS * EACH

    async def test_nobody_is_called_before_somebody_who_came_earlier(self, two: list[Process]) -> None:
        await two[0].open(*COUNTERS)
        await asyncio.gather(*(take_some(two[n % 2]) for n in range(CLIENTS)))

        await asyncio.gather(*(two[n % 2].call(counter) for n, counter in enumerate(COUNTERS)))

        called = [event.data for event in await Event.filter(name="ticket.called").order_by("version")]
        assert [data[data.index('"number":"') + 10 :][:4] for data in called] == in_a_row(16)

    async def test_control_numbers_by_counting_who_waits_come_twice(self, two: list[Process]) -> None:
        await without_unique_keys()
        use(altered(*NUMBERS_BY_COUNTING), *two)
        await two[0].open(*COUNTERS)

        await asyncio.gather(*(take_some(two[n % 2]) for n in range(4)))
        await two[0].serve()
        await two[1].take()

        numbers = await numbers_in_sql()
        assert len(set(numbers)) < len(numbers)


class TestTheLastPlaces:
    async def test_of_200_people_for_20_places_exactly_20_get_in(self, two: list[Process]) -> None:
        await two[0].configure(capacity=PLACES)

        got = await outcomes(*(two[n % 2].take() for n in range(PEOPLE)))

        assert got == in_a_row(PLACES) + ["hall_full"] * (PEOPLE - PLACES)
        assert await TicketRecord.all().count() == PLACES

    async def test_control_asking_first_and_taking_then_lets_in_too_many(self, two: list[Process]) -> None:
        await two[0].configure(capacity=PLACES)
        use(altered(*NO_CAPACITY), *two)

        await asyncio.gather(*(take_if_there_is_room(two[n % 2]) for n in range(PEOPLE)))

        assert await TicketRecord.all().count() > PLACES


class TestOneClerkPressingTwice:
    async def test_with_one_key_calls_one_person(self, two: list[Process]) -> None:
        await ready(two, people=3)

        got = await outcomes(*(one.call(key="the same key") for one in two))

        assert got == ["A001", "A001"]
        assert await events_in_sql("ticket.called") == 1

    async def test_with_two_keys_calls_one_person_and_hears_that_the_counter_is_busy(self, two: list[Process]) -> None:
        await ready(two, people=3)

        got = await outcomes(*(one.call() for one in two))

        assert got == ["A001", "counter_busy"]
        assert await events_in_sql("ticket.called") == 1

    async def test_control_without_operation_ids_it_is_told_to_be_busy_with_its_own_call(
        self, two: list[Process]
    ) -> None:
        await ready(two, people=3)
        use(altered(*NO_OPERATION_IDS), *two)

        got = await outcomes(*(one.call(key="the same key") for one in two))

        assert got == ["A001", "counter_busy"]

    async def test_control_without_the_counters_own_ticket_two_people_are_called(self, two: list[Process]) -> None:
        await ready(two, people=3)
        use(altered(*NO_BUSY_COUNTERS), *two)

        got = await outcomes(*(one.call() for one in two))

        assert got == ["A001", "A002"]


class TestTwoCountersForOneTicket:
    async def test_one_wins_and_the_other_hears_the_state(self, two: list[Process]) -> None:
        row = (await ready(two, people=3))[1]

        got = await outcomes(*(one.call(f"heping-{n}", ticket=row.id) for n, one in enumerate(two, start=1)))

        assert got == ["A002", "wrong_state"]
        counters = (await two[0].picture()).counters.values()
        assert [counter.ticket for counter in counters].count(row.id) == 1

    async def test_the_winner_of_a_call_and_a_leaving_is_the_only_one(self, two: list[Process]) -> None:
        row = (await ready(two, people=1))[0]

        await outcomes(two[0].call(), two[1].leave(row))

        assert await Event.filter(ticket=row.id).count() in {2, 3}  # Whoever is called may still leave.
        assert (await two[0].row(row)).state == "left"
        assert (await two[0].picture()).head_count == 0

    async def test_control_without_the_table_of_states_both_have_it(self, two: list[Process]) -> None:
        row = (await ready(two, people=3))[1]
        use(altered(*NO_STATES), *two)

        got = await outcomes(*(one.call(f"heping-{n}", ticket=row.id) for n, one in enumerate(two, start=1)))

        assert got == ["A002", "A002"]
        counters = (await two[0].picture()).counters.values()
        assert [counter.ticket for counter in counters].count(row.id) == 2


async def ready(two: list[Process], people: int) -> list[TicketRow]:
    """Both processes know the hall, two counters are open, and so many wait."""
    await two[0].open("heping-1", "heping-2")
    return [await two[n % 2].take() for n in range(people)]


async def take_if_there_is_room(one: Process) -> None:
    load = (await one.line.loads([one.hall]))[0]
    if load.head_count < PLACES:
        await one.take()

"""What is announced carries a picture on to exactly what a later reading of the board gives."""

import random

import pytest
from redis.asyncio import Redis

from booking.schemas import TicketRow
from booking.states import STEPS, Action
from tests.booking.halls import Process

ACTIONS = [Action.CALL, Action.RECALL, Action.START, Action.COMPLETE, Action.NO_SHOW, Action.REQUEUE, Action.LEAVE]


@pytest.mark.parametrize("seed", range(4))
async def test_a_stale_picture_and_the_feed_since_give_a_fresh_one(one: Process, seed: int) -> None:
    await one.open("heping-1", "heping-2")
    stale = await one.picture()

    await play(one, random.Random(seed), steps=60)
    await one.next_day()
    await play(one, random.Random(seed + 100), steps=20)

    fresh = await one.picture()
    for change in await one.line.store(one.hall).feed_since(stale.version):
        stale.apply(fresh.epoch, change)
    assert stale == fresh


async def test_yesterdays_no_shows_do_not_stay_on_the_board(one: Process) -> None:
    await one.ticket_in("no_show")
    await one.next_day()
    await one.take()
    await one.line.close()

    board = await one.line.store(one.hall)._redis.read.hgetall("{hall:heping}:board")

    assert [key[:2] for key in sorted(board)] == [b"c:", b"t:"]
    assert (await one.picture()).absent == []


async def test_what_goes_on_while_redis_is_full_is_shown(one: Process, redis_client: Redis) -> None:
    await one.open("heping-1")
    await redis_client.config_set("maxmemory", 1)

    row = await one.take()
    await one.do(Action.CALL, row, "heping-1")
    await one.line.close()

    assert [called.id for called in (await one.picture()).calls] == [row.id]
    assert await redis_client.xlen("{hall:heping}:journal") == 0


async def play(one: Process, dice: random.Random, steps: int) -> None:
    """Let people come, and have their tickets moved as the table of steps allows; each counter has one at a time."""
    rows: list[TicketRow] = []
    for _ in range(steps):
        action = dice.choice(ACTIONS)
        able = [row for row in rows if row.state in STEPS[action].sources]
        counter = _free_counter(rows)
        if not able or (action is Action.CALL and counter is None):
            rows.append(await one.take(service=dice.choice(["sim", "bill"])))
            continue
        row = dice.choice(able)
        rows[rows.index(row)] = await one.do(action, row, counter or "heping-1")


def _free_counter(rows: list[TicketRow]) -> str | None:
    taken = {row.counter for row in rows if row.state in {"called", "serving"}}
    return next((counter for counter in ("heping-1", "heping-2") if counter not in taken), None)

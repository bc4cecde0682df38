"""What those cost who watch: displays, waiting phones, and announcements of halls that nobody watches here."""

import asyncio
from functools import partial
from typing import Final

import msgspec

from benchmarks.scaling.ground import ROUNDS, SETTLE_S, Ground
from benchmarks.scaling.spending import US, Spent, lowest, resident_kib
from benchmarks.sockets import Crowd
from booking.picture import CHANNEL

SOCKETS: Final = 400
CROWDED: Final = "bench-crowded"
FIRST: Final = 2_000
COUNTED: Final = 1_000
BATCH: Final = 100
AT_ONCE: Final = 20
EVENTS: Final = 40
SERVING: Final = (
    "/api/v1/counters/{counter}/calls",
    "/api/v1/tickets/{ticket}/start",
    "/api/v1/tickets/{ticket}/completion",
)
VISIT: Final = 1 + len(SERVING)
BEATS_S: Final = 15.0  # As long as it takes until each socket has had its heartbeat.
MESSAGES: Final = 5_000
TOGETHER: Final = 100


async def crowd(ground: Ground) -> dict[str, float]:
    """What a phone's socket costs to connect and give its snapshot, and to keep.

    The first thousands find room that the service's start has left, so that they tell nothing of memory.
    """
    await ground.bench.make_hall(CROWDED)
    crowds = await _phones(ground, CROWDED, FIRST + COUNTED)
    await ground.rest(BEATS_S)
    await _connect(crowds[:FIRST])
    before = resident_kib(ground.parts.service)
    batches = [crowds[n : n + BATCH] for n in range(FIRST, FIRST + COUNTED, BATCH)]
    connecting = min([await _connecting(ground, batch) for batch in batches])
    grown = resident_kib(ground.parts.service) - before
    keeping = await lowest(ROUNDS, lambda: ground.parts.during(asyncio.sleep(BEATS_S)))
    _close(crowds)
    return {
        "connect_us": US * connecting,
        "idle_socket_us": US * keeping.beyond(ground.idle).service / BEATS_S / len(crowds),
        "socket_kib": grown / COUNTED,
    }


async def announcements(ground: Ground) -> dict[str, float]:
    """What a process spends on events of halls that nobody watches in it, and Redis on each that it passes on."""
    message = await _an_announcement(ground)
    await ground.rest()
    each = await lowest(ROUNDS, partial(_published, ground, message))
    return {"heard_us": US * each.service, "deliver_us": US * each.redis}


async def displays(ground: Ground) -> dict[str, float]:
    hall = ground.halls[1]
    crowd = Crowd(ground.bench.port, f"/ws/halls/{hall}", token=ground.bench.token, only_events=True)
    await crowd.connect(SOCKETS)
    watched = await _told(ground, hall)
    _close([crowd])
    unwatched = await _told(ground, hall)
    return {"display_frame_us": _frame_us(watched, unwatched)}


async def phones(ground: Ground) -> dict[str, float]:
    hall = ground.halls[2]
    crowds = await _phones(ground, hall, SOCKETS)
    await _connect(crowds)
    watched = await _told(ground, hall)
    _close(crowds)
    unwatched = await _told(ground, hall)
    return {"phone_frame_us": _frame_us(watched, unwatched)}


async def _phones(ground: Ground, hall: str, number: int) -> list[Crowd]:
    """One for each ticket."""
    tickets = await ground.bench.take_numbers(hall, number)
    port = ground.bench.port
    return [Crowd(port, f"/ws/tickets/{one['id']}", token=one["token"], only_events=True) for one in tickets]


async def _connecting(ground: Ground, crowds: list[Crowd]) -> float:
    """Seconds of the service for each of them."""
    return (await ground.parts.during(_connect(crowds))).beyond(ground.idle).service / len(crowds)


async def _connect(crowds: list[Crowd]) -> None:
    for n in range(0, len(crowds), AT_ONCE):
        await asyncio.gather(*(crowd.connect(1) for crowd in crowds[n : n + AT_ONCE]))
    await asyncio.sleep(SETTLE_S)


def _close(crowds: list[Crowd]) -> None:
    for crowd in crowds:
        crowd.close()


async def _told(ground: Ground, hall: str) -> Spent:
    """What the events of some visits cost, with whoever watches now: one in four moves those who wait."""

    async def telling() -> None:
        for _ in range(EVENTS // VISIT):
            await ground.bench.take_numbers(hall, 1)
            await asyncio.sleep(SETTLE_S / EVENTS)
            ticket = ""
            for path in SERVING:
                (answer,) = await ground.bench.post_all([path.format(counter=f"{hall}-1", ticket=ticket)])
                ticket = msgspec.json.decode(answer)["id"]
                await asyncio.sleep(SETTLE_S / EVENTS)
        await asyncio.sleep(SETTLE_S)

    await asyncio.sleep(SETTLE_S)
    return await lowest(ROUNDS, lambda: ground.parts.during(telling()))


def _frame_us(watched: Spent, unwatched: Spent) -> float:
    return US * (watched.service - unwatched.service) / SOCKETS / EVENTS


async def _published(ground: Ground, message: bytes) -> Spent:
    async def publishing() -> None:
        for _ in range(MESSAGES // TOGETHER):
            async with ground.redis.pipeline(transaction=False) as together:
                for _ in range(TOGETHER):
                    together.publish(CHANNEL, message)
                await together.execute()
        await asyncio.sleep(SETTLE_S)

    return (await ground.parts.during(publishing())).beyond(ground.idle).each(MESSAGES)


async def _an_announcement(ground: Ground) -> bytes:
    async with ground.redis.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        await ground.bench.take_numbers(ground.halls[-1], 1)
        while True:
            message = await channel.get_message(timeout=None)
            if message and message["type"] == "message" and b'"events"' in message["data"]:
                return bytes(message["data"])

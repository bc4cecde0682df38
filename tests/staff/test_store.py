"""Guessing passwords gets slower, and locks nobody out."""

from datetime import timedelta

from httpx2 import Response
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from o2o.kernel.redis import RedisPair, connect
from staff.store import MEMORY_MS, Attempts
from tests.serving import PASSWORD, START, Service


async def _guess(service: Service, guess: str = "a guess", address: str = "203.0.113.9") -> Response:
    client = service.client(address=address)
    return await client.post("/api/v1/session", json={"username": "clerk1", "password": guess})


async def _attempts(service: Service, count: int, username: str, address: str) -> list[int]:
    redis = service.state["redis"]
    return [await Attempts(redis, username, address).wait_ms(START) for _ in range(count)]


async def test_after_some_wrong_guesses_the_next_must_wait(service: Service) -> None:
    answers = [await _guess(service) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [401] * 6 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json()["code"] == "too_many_attempts"


async def test_the_right_password_must_wait_too(service: Service) -> None:
    for _ in range(6):
        await _guess(service)

    assert (await _guess(service, PASSWORD)).status_code == 429
    service.clock.advance(seconds=1)
    assert (await _guess(service, PASSWORD)).status_code == 201


async def test_the_wait_is_never_longer_than_a_minute(service: Service) -> None:
    redis = service.state["redis"]
    now = START.timestamp()
    for _ in range(30):
        now += 60
        await Attempts(redis, "clerk1", "a").wait_ms(START.fromtimestamp(now, START.tzinfo))

    assert await Attempts(redis, "clerk1", "a").wait_ms(START.fromtimestamp(now, START.tzinfo)) == 60_000


async def test_guessing_from_elsewhere_leaves_a_known_address_alone(service: Service) -> None:
    assert (await _guess(service, PASSWORD, "198.51.100.1")).status_code == 201
    waits = [(await _attempts(service, 1, "clerk1", f"192.0.2.{host}"))[0] for host in range(60)]
    assert waits[-1] > 0

    assert (await _guess(service, PASSWORD, "198.51.100.1")).status_code == 201


async def test_one_that_the_account_refuses_is_not_counted_for_its_address(service: Service) -> None:
    redis, moments = service.state["redis"], [START + timedelta(seconds=second) for second in range(61)]
    for host in range(40):
        await Attempts(redis, "clerk1", f"192.0.2.{host}").wait_ms(START - timedelta(minutes=1) * (39 - host))

    waits = [await Attempts(redis, "clerk1", "198.51.100.1").wait_ms(moment) for moment in moments]

    assert waits == [1000 * (60 - second) for second in range(61)]


async def test_one_address_trying_many_accounts_must_wait(service: Service) -> None:
    waits = [(await _attempts(service, 1, f"user{number}", "203.0.113.7"))[0] for number in range(102)]

    assert waits[:101] == [0] * 101
    assert waits[101] > 0


async def test_all_of_a_province_may_sign_in_from_one_address_on_the_first_day(service: Service) -> None:
    waits = []
    for number in range(150):
        attempts = Attempts(service.state["redis"], f"clerk{number}", "203.0.113.7")
        waits.append(await attempts.wait_ms(START))
        await attempts.succeeded()

    assert waits == [0] * 150
    assert 0 < await service.state["redis"].read.pttl("o2o:sign-in:address:203.0.113.7") <= MEMORY_MS


async def test_without_redis_people_can_still_sign_in() -> None:
    away = connect("redis://127.0.0.1:1", Retry(NoBackoff(), 0))

    assert await Attempts(RedisPair(away, away, ""), "clerk1", "a").wait_ms(START) == 0
    await away.aclose()

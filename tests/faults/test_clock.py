"""The machine's clock is wrong for a while: numbers stay unique, and no day comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from booking.queries import ticket_row
from o2o.app import routes
from tests.serving import Service, add_halls, serve, with_key


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes()) as service:
        await add_halls(service, "heping")
        yield service


@pytest.fixture
def customer(service: Service) -> AsyncClient:
    return service.client()


async def taken(customer: AsyncClient, key: str) -> tuple[str, str]:
    """The number, and the business day that it is of."""
    address, headers = "/api/v1/halls/heping/tickets", with_key(key.ljust(16, "0"))
    answer = (await customer.post(address, json={"service": "sim"}, headers=headers)).json()
    row = await ticket_row(answer["id"])
    assert row is not None
    return answer["number"], row.day


async def test_a_clock_that_steps_back_for_hours_gives_no_number_again(service: Service, customer: AsyncClient) -> None:
    assert await taken(customer, "one") == ("A001", "2026-11-23")
    service.clock.advance(hours=-3)
    assert await taken(customer, "two") == ("A002", "2026-11-23")
    service.clock.advance(hours=3)
    assert await taken(customer, "three") == ("A003", "2026-11-23")


async def test_a_clock_that_steps_back_over_midnight_brings_no_yesterday_back(
    service: Service, customer: AsyncClient
) -> None:
    await taken(customer, "one")
    service.clock.advance(days=-1)

    assert await taken(customer, "two") == ("A002", "2026-11-23")


async def test_a_clock_that_was_a_day_ahead_leaves_the_hall_in_the_day_that_it_began(
    service: Service, customer: AsyncClient
) -> None:
    await taken(customer, "one")
    service.clock.advance(days=1)
    assert await taken(customer, "two") == ("A001", "2026-11-24")
    service.clock.advance(days=-1)

    assert await taken(customer, "three") == ("A002", "2026-11-24")


@pytest.mark.parametrize("hours", [-3, -30, 3, 30])
async def test_a_repeat_is_answered_as_at_first_whatever_the_clock_did(
    hours: int, service: Service, customer: AsyncClient
) -> None:
    first = await taken(customer, "one")
    service.clock.advance(hours=hours)
    await taken(customer, "two")

    assert await taken(customer, "one") == first


@pytest.mark.parametrize("hours", [-3, -30])
async def test_a_ticket_is_served_to_its_end_by_a_clock_that_steps_back(
    hours: int, service: Service, customer: AsyncClient
) -> None:
    ticket = (
        await customer.post("/api/v1/halls/heping/tickets", json={"service": "sim"}, headers=with_key("one" * 6))
    ).json()
    right = {"authorization": f"Bearer {ticket['token']}"}
    service.clock.advance(hours=hours)

    left = await customer.post(
        f"/api/v1/tickets/{ticket['id']}/cancellation", json={}, headers=with_key("leave" * 4, **right)
    )

    assert (left.status_code, left.json()["state"]) == (200, "left")
    assert (await customer.get(f"/api/v1/tickets/{ticket['id']}", headers=right)).json()["state"] == "left"

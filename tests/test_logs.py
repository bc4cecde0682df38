"""What a whole flow writes into the log: ids and events, and nothing that gives anybody away or lets anybody in."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from o2o.app import routes
from tests.serving import PASSWORD, Service, add_halls, add_people, serve, with_key

PHONE, NAME = "13800138000", "张小明"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, routes()) as service:
        await add_halls(service, "heping")
        await add_people("clerk1", "manager")
        yield service


async def a_whole_flow(service: Service) -> list[str]:
    """A number with a phone, its link, a sign-in, a call, a display; gives the secrets that came about."""
    phone, clerk, manager = service.client(), await service.signed_in("clerk1"), await service.signed_in("manager")
    wish = {"service": "sim", "phone": PHONE, "name": NAME}
    ticket = (
        await phone.post("/api/v1/halls/heping/tickets", json=wish, headers=with_key("a-number-for-zhang"))
    ).json()
    await phone.get(f"/t/{ticket['id']}?k={ticket['token']}")
    await phone.get(f"/t/{ticket['id']}?k=a-wrong-token")
    await clerk.post("/api/v1/session", json={"username": "clerk1", "password": "a-wrong-password"})
    await clerk.post("/api/v1/counters/heping-1/opening", headers=with_key("open-counter-one"))
    await clerk.post("/api/v1/counters/heping-1/calls", headers=with_key("call-the-next-one"))
    made = (await phone.post("/api/v1/displays", headers=with_key("make-a-display-1"))).json()
    await manager.post(
        "/api/v1/halls/heping/displays", json={"code": made["code"]}, headers=with_key("pair-a-display-1")
    )
    token = (await phone.post("/api/v1/displays/token", json={"secret": made["secret"]})).json()["token"]
    bearer = clerk.headers["authorization"].removeprefix("Bearer ")
    return [ticket["token"], made["secret"], token, bearer, PASSWORD, "a-wrong-token", "a-wrong-password"]


async def test_no_number_name_password_or_token_is_logged(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    for noisy in ("aiosqlite", "tortoise", "httpcore2", "httpx2"):  # Off in the service; the last two are the clients'.
        caplog.set_level(logging.WARNING, noisy)
    caplog.set_level(logging.DEBUG)

    secrets = await a_whole_flow(service)

    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert "signed_in" in logged
    assert [secret for secret in (*secrets, PHONE, PHONE[-8:], NAME) if secret in logged] == []


async def test_metrics_say_nothing_of_anybody(service: Service) -> None:
    secrets = await a_whole_flow(service)

    figures = (await service.client().get("/metrics")).text

    assert "o2o_" in figures
    assert [secret for secret in (*secrets, PHONE, NAME, "clerk1") if secret in figures] == []

"""Numbers that carry a hold on stock, through HTTP and the job that follows them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from msgspec.structs import replace

from booking.jobs import follow_tickets
from booking.models import TicketRecord
from booking.queries import ticket_row
from booking.service import carrying as carrying_verbs
from booking.states import TicketState
from halls.stock.queries import carried_by, hold_row, level
from halls.stock.states import CARRIED_CAP_MS
from o2o.kernel.clock import to_ms
from o2o.kernel.models import Fence
from tests.booking.holds import act, ask, at_the_counter, attempt, carrying, follow, held, serve_holds, shown, state_of
from tests.serving import Service, with_key


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve_holds(tmp_path) as service:
        yield service


@pytest.fixture
async def clerk(service: Service) -> AsyncClient:
    return await at_the_counter(service)


async def test_a_number_carries_what_is_held_and_keeps_it_longer(service: Service) -> None:
    hold = await held(service, 2)
    service.clock.advance(minutes=9)
    made = await carrying(service, hold)
    assert made["hold"] == {"sku": "case-clear", "quantity": 2}
    phone = service.client(authorization=f"Bearer {made['token']}")
    seen = (await phone.get(f"/api/v1/tickets/{made['id']}")).json()["hold"]
    assert seen == {
        "sku": "case-clear", "quantity": 2, "state": "active", "expires_at": "2026-11-23T10:19:00.000+08:00"
    }  # fmt: skip
    row = await ticket_row(made["id"])
    kept = await hold_row(hold.id)
    assert row is not None
    assert kept is not None
    assert (row.hold, row.goods, kept.ticket) == (hold.id, "case-clear:2", made["id"])


async def test_the_token_may_be_shown_as_bearer(service: Service) -> None:
    hold = await held(service)
    token = service.state["signer"].token("hold", hold.id)
    assert (await ask(service, hold.id, authorization=f"Bearer {token}")).status_code == 201


async def test_a_wrong_token_and_no_hold_are_told_the_same(service: Service) -> None:
    hold = await held(service)
    answers = [await ask(service, wrong) for wrong in (hold.id, f"{hold.id}.wrong", f"{'A' * 22}.wrong")]
    assert [answer.json()["code"] for answer in answers] == ["hold_not_found"] * 3
    assert await TicketRecord.all().count() == 0


async def test_what_is_held_elsewhere_is_not_carried_here(service: Service) -> None:
    answer = await ask(service, shown(service, await held(service)), hall="nankai")
    assert answer.json()["code"] == "hold_elsewhere"
    assert "state" not in answer.json()  # It is active: only of one that has ended it is said how it did.
    assert await TicketRecord.all().count() == 0


async def test_what_has_ended_is_not_carried_but_a_repeat_is_answered_as_then(service: Service) -> None:
    hold, key = await held(service), "the-key-of-a-number"
    made = (await ask(service, shown(service, hold), key=key)).json()
    service.clock.advance(minutes=11)
    again = await ask(service, shown(service, hold), key=key)
    assert (again.status_code, again.json()["id"]) == (201, made["id"])
    late = await held(service)
    service.clock.advance(minutes=10)
    answer = await ask(service, shown(service, late))
    assert (answer.json()["code"], answer.json()["state"]) == ("hold_ended", "expired")


async def test_one_number_carries_a_hold(service: Service) -> None:
    hold = await held(service)
    await carrying(service, hold)
    assert (await ask(service, shown(service, hold))).json()["code"] == "hold_carried"


async def test_a_no_show_frees_it_and_the_next_person_gets_it(service: Service, clerk: AsyncClient) -> None:
    hold = await held(service, 2)
    made = await carrying(service, hold)
    assert (await level("heping", "case-clear")).available == 0
    await act(clerk, "counters/heping-1/calls")
    await act(clerk, f"tickets/{made['id']}/no-show")
    await follow(service)
    await follow(service)
    assert await state_of(hold) == "released"
    assert (await level("heping", "case-clear")).available == 2
    following = await held(service, 2)
    assert (await carrying(service, following))["hold"]["quantity"] == 2


async def test_of_several_numbers_taken_at_once_one_carries_it(service: Service) -> None:
    hold = await held(service)

    answers = await asyncio.gather(*(ask(service, shown(service, hold)) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "hold_carried"}


@pytest.mark.parametrize("end", ["left", "cancelled", "reset"])
async def test_whoever_goes_lets_it_go(service: Service, clerk: AsyncClient, end: str) -> None:
    hold = await held(service)
    made = await carrying(service, hold)
    if end == "left":
        await act(service.client(authorization=f"Bearer {made['token']}"), f"tickets/{made['id']}/cancellation")
    elif end == "cancelled":
        await act(clerk, f"tickets/{made['id']}/cancellation")
    else:
        await TicketRecord.filter(id=made["id"]).update(state="reset", ended_at=to_ms(service.clock()))
    await follow(service)
    row = await hold_row(hold.id)
    assert row is not None
    assert (row.state, row.why) == ("released", f"ticket.{end}")


async def test_it_is_kept_while_its_person_waits_for_hours_but_not_for_ever(service: Service) -> None:
    hold = await held(service)
    await carrying(service, hold)
    for _time in range(30):
        service.clock.advance(minutes=8)
        await follow(service)
    kept = await hold_row(hold.id)
    assert kept is not None
    assert kept.expires_at == hold.created_at + CARRIED_CAP_MS
    assert await state_of(hold) == "active"


async def not_there(service: Service, clerk: AsyncClient, quantity: int = 1) -> dict[str, Any]:
    """Somebody whose number carries something was called and did not come; what they had is free again."""
    made = await carrying(service, await held(service, quantity))
    service.clock.advance(minutes=1)
    await act(clerk, "counters/heping-1/calls")
    await act(clerk, f"tickets/{made['id']}/no-show")
    await follow(service)
    assert (await level("heping", "case-clear")).held == 0
    return made


async def put_back(clerk: AsyncClient, made: dict[str, Any], key: str) -> None:
    path = f"/api/v1/tickets/{made['id']}/requeue"
    assert (await clerk.post(path, json={"to": "first"}, headers=with_key(key))).is_success


async def shown_hold(service: Service, made: dict[str, Any]) -> dict[str, Any]:
    phone = service.client(authorization=f"Bearer {made['token']}")
    seen: dict[str, Any] = (await phone.get(f"/api/v1/tickets/{made['id']}")).json()["hold"]
    return seen


async def test_a_no_show_that_is_undone_has_it_held_again(service: Service, clerk: AsyncClient) -> None:
    made = await not_there(service, clerk, 2)

    await act(clerk, f"tickets/{made['id']}/requeue", to="first")
    await follow(service)

    assert await shown_hold(service, made) == {
        "sku": "case-clear", "quantity": 2, "state": "active", "expires_at": "2026-11-23T10:11:00.000+08:00"
    }  # fmt: skip
    assert (await level("heping", "case-clear")).available == 0
    page = (await clerk.get(f"/clerk?counter=heping-1&ticket={made['id']}")).text
    assert "Held for them: 2 × case-clear, until 10:11." in page


async def test_what_somebody_else_has_by_then_is_said_to_be_gone(service: Service, clerk: AsyncClient) -> None:
    made = await not_there(service, clerk)
    await held(service, 2)

    await act(clerk, f"tickets/{made['id']}/requeue", to="first")

    assert (await shown_hold(service, made))["state"] == "released"
    page = (await clerk.get(f"/clerk?counter=heping-1&ticket={made['id']}")).text
    assert "Not held any more: case-clear." in page
    row = await ticket_row(made["id"])
    assert row is not None
    assert row.state == "waiting"


async def test_undone_twice_or_while_it_is_let_go_it_is_held_once(service: Service, clerk: AsyncClient) -> None:
    hold = await held(service)
    made = await carrying(service, hold)
    service.clock.advance(minutes=1)
    await act(clerk, "counters/heping-1/calls")
    await act(clerk, f"tickets/{made['id']}/no-show")
    await put_back(clerk, made, "the-key-of-undoing")
    stock, now = service.state["stock"], to_ms(service.clock())

    await carrying_verbs._let_go(stock, replace(hold, ticket=made["id"]), TicketState.NO_SHOW, now)
    await put_back(clerk, made, "the-key-of-undoing")

    assert [kept.quantity for kept in await carried_by([made["id"]])] == [1]
    assert (await level("heping", "case-clear")).held == 1


async def test_an_end_that_came_late_to_sql_is_found_before_the_hold_ends(service: Service, clerk: AsyncClient) -> None:
    hold = await held(service)
    made = await carrying(service, hold)
    await act(clerk, f"tickets/{made['id']}/cancellation")
    service.clock.advance(minutes=1)
    await follow(service)
    assert await state_of(hold) == "active"
    service.clock.advance(minutes=7)
    await follow(service)
    assert await state_of(hold) == "released"


async def test_trouble_at_one_place_keeps_nobody_s_hold_elsewhere(service: Service) -> None:
    await service.state["stock"].receive("nankai", "case-clear", 1, attempt(service))
    holds = [await held(service), await held(service, place="nankai")]
    made = [(await ask(service, shown(service, hold), hall=hold.place)).json() for hold in holds]
    for one in made:
        await act(service.client(authorization=f"Bearer {one['token']}"), f"tickets/{one['id']}/cancellation")
    await Fence.filter(tag="place:heping").delete()  # Nothing can be committed there by a process that knows the place.

    await follow_tickets(service.state["stock"], service.clock)

    assert [await state_of(hold) for hold in holds] == ["active", "released"]


async def test_who_is_served_may_still_be_paying(service: Service, clerk: AsyncClient) -> None:
    hold = await held(service)
    made = await carrying(service, hold)
    await act(clerk, "counters/heping-1/calls")
    await act(clerk, f"tickets/{made['id']}/start")
    await act(clerk, f"tickets/{made['id']}/completion")
    await follow(service)
    assert await state_of(hold) == "active"

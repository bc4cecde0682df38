"""A hand-over is sent again: answered as before, and done at its place by then, whatever died meanwhile."""

from httpx2 import AsyncClient

from tests.orders.cutting import cut
from tests.orders.shop import a_wish, act, placed, stock_of
from tests.serving import Service, with_key

KEY = "a-key-of-a-hand-over"


async def test_a_hand_over_is_repeated_under_its_key_and_another_is_refused(
    service: Service, phone: AsyncClient
) -> None:
    made, clerk = await placed(phone, a_wish(1)), await service.signed_in("clerk1")
    await act(clerk, made["id"], "payment", method="cash", counter="heping-1")
    codes = (made["pickup_code"], made["pickup_code"], "zzzzzzzzzzzz")
    path, key = f"/api/v1/orders/{made['id']}/handover", with_key(KEY)
    first, again, other = [await clerk.post(path, json={"pickup_code": code}, headers=key) for code in codes]

    assert (first.status_code, again.json()) == (200, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_repeat_of_a_hand_over_has_the_place_do_what_a_dead_process_left(
    service: Service, phone: AsyncClient
) -> None:
    made, clerk = await placed(phone, a_wish(1)), await service.signed_in("clerk1")
    await act(clerk, made["id"], "payment", method="cash", counter="heping-1")
    with cut("before", "hand_over"):
        left = await act(clerk, made["id"], "handover", KEY, pickup_code=made["pickup_code"])
    again = await act(clerk, made["id"], "handover", KEY, pickup_code=made["pickup_code"])

    assert (left.status_code, again.status_code) == (503, 200)
    assert await stock_of("heping") == (1, 0, 0)

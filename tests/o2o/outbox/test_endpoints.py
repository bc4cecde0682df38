"""Managers read what their hall's customers were told, and have it sent again; nobody reads whom, or a right."""

import pytest

from messages.models import Outgoing
from tests.o2o.outbox.conftest import Put
from tests.serving import Service, with_key

PATH = "/api/v1/messages"


async def test_a_message_is_shown_without_whom_and_without_its_right(service: Service, told: Put) -> None:
    await told("order-1", email="zhang@customer.test", phone="+8613812341234")

    answer = await (await service.signed_in("manager")).get(PATH)

    (row,) = answer.json()["messages"]
    token = service.state["signer"].token("order", "order-1")
    assert (row["purpose"], row["about"], row["state"], row["sendable"]) == ("ready", "order-1", "kept", True)
    assert row["to"] == "138****1234 · z****@customer.test"
    assert row["title"] == "Ready for you at Heping Hall"
    assert row["text"].endswith("http://hall.test/o/order-1?k=…")
    assert token not in answer.text
    assert "zhang@" not in answer.text


async def test_a_manager_sees_the_own_halls_and_headquarters_all(service: Service, told: Put) -> None:
    for about, hall in (("here", "heping"), ("elsewhere", "nankai"), ("nowhere", None)):
        await told(about, hall=hall)
    manager, hq = await service.signed_in("manager"), await service.signed_in("hq")

    own, every = await manager.get(PATH), await hq.get(PATH)

    assert [row["about"] for row in own.json()["messages"]] == ["here"]
    assert {row["about"] for row in every.json()["messages"]} == {"here", "elsewhere", "nowhere"}
    assert (await manager.get(PATH, params={"hall": "nankai"})).status_code == 403
    assert [row["about"] for row in (await hq.get(PATH, params={"hall": "nankai"})).json()["messages"]] == ["elsewhere"]


async def test_a_clerk_reads_no_messages(service: Service) -> None:
    assert (await (await service.signed_in("clerk1")).get(PATH)).status_code == 403
    assert (await service.client().get(PATH)).status_code == 401


async def test_messages_come_a_page_at_a_time_latest_first(service: Service, told: Put) -> None:
    for minute in (0, 1, 1, 1, 2):
        await told(f"{minute}-{await Outgoing.all().count()}", minute=minute)
    client, seen, cursor = await service.signed_in("hq"), [], None

    for _page in range(3):
        found = (await client.get(PATH, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [row["about"] for row in found["messages"]]
        cursor = found["next_cursor"]

    assert cursor is None
    assert len(set(seen)) == 5
    assert [about[0] for about in seen] == ["2", "1", "1", "1", "0"]
    assert (await client.get(PATH, params={"cursor": "strange"})).json()["field"] == "cursor"


async def test_messages_of_one_state_can_be_asked_for(service: Service, told: Put) -> None:
    await told("well", "sent")
    await told("ill", "failed")

    found = (await (await service.signed_in("hq")).get(PATH, params={"state": "failed"})).json()

    assert [row["about"] for row in found["messages"]] == ["ill"]


async def test_sending_again_begins_a_new_round_once_and_is_in_the_audit(service: Service, told: Put) -> None:
    message = await told("order-1", "failed", email="zhang@customer.test")
    manager = await service.signed_in("manager")

    answers = [
        await manager.post(f"{PATH}/{message}/resending", headers=with_key("send-it-once-more")) for _press in range(2)
    ]

    row = await Outgoing.get(id=message)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (row.state, row.round, row.tries, row.failed_at) == ("waiting", 1, 0, None)
    (deed,) = (await manager.get("/api/v1/halls/heping/events?name=message")).json()["events"]
    assert (deed["name"], deed["actor"], deed["subject"]) == ("message.resent", "staff:manager", message)
    assert deed["before"]["state"] == "failed"


@pytest.mark.parametrize(("state", "code"), [("waiting", "message_waits"), ("sent", "message_erased")])
async def test_what_can_not_be_sent_again_is_refused(service: Service, told: Put, state: str, code: str) -> None:
    message = await told("order-1", state)
    if code == "message_erased":
        await Outgoing.filter(id=message).update(contact=None)

    answer = await (await service.signed_in("hq")).post(
        f"{PATH}/{message}/resending", headers=with_key("send-it-once-more")
    )

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert (await Outgoing.get(id=message)).round == 0


async def test_another_halls_message_is_not_sent_again(service: Service, told: Put) -> None:
    message, manager = await told("order-1", hall="nankai"), await service.signed_in("manager")

    other = await manager.post(f"{PATH}/{message}/resending", headers=with_key("send-it-once-more"))
    unknown = await manager.post(f"{PATH}/{'A' * 22}/resending", headers=with_key("send-it-once-more"))

    assert other.status_code == 403
    assert (unknown.status_code, unknown.json()["code"]) == (404, "message_not_found")
    assert (await Outgoing.get(id=message)).state == "kept"

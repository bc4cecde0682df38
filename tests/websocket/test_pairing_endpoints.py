"""Pairing over HTTP, and who may do what."""

import pytest
from httpx2 import AsyncClient, Response

from o2o.kernel.models import Idempotency
from tests.serving import Service, with_key
from websocket.models import Device
from websocket.pairing_endpoints import DEVICES_PER_ADDRESS

DEVICES, TOKEN, HEPING = "/api/v1/displays", "/api/v1/displays/token", "/api/v1/halls/heping/displays"


async def _device(service: Service, key: str = "make-a-device-001", body: object = None) -> Response:
    return await service.client().post(DEVICES, json=body or {}, headers=with_key(key))


async def _paired(service: Service, by: AsyncClient) -> tuple[dict[str, str], str]:
    made = (await _device(service)).json()
    answer = await by.post(HEPING, json={"code": made["code"]}, headers=with_key("pair-a-device-001"))
    return made, answer.json()["id"]


async def test_a_display_is_paired_by_the_code_that_it_shows(service: Service) -> None:
    manager = await service.signed_in("manager")
    made = (await _device(service)).json()
    before = await service.client().post(TOKEN, json={"secret": made["secret"]})

    answer = await manager.post(HEPING, json={"code": made["code"].lower()}, headers=with_key("pair-a-device-001"))
    after = await service.client().post(TOKEN, json={"secret": made["secret"]})

    assert before.status_code == 409
    assert before.json()["code"] == "not_paired"
    assert answer.status_code == 201
    assert answer.json()["paired_by"] == "staff:manager"
    assert after.json()["hall"] == "heping"


async def test_a_repeat_gets_the_same_code_and_secret(service: Service) -> None:
    first, again = await _device(service), await _device(service)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert await Device.all().count() == 1


async def test_a_repeat_is_answered_however_many_screens_asked_from_there(service: Service) -> None:
    made = [await _device(service, f"make-a-device-{number:03}") for number in range(DEVICES_PER_ADDRESS.most)]

    beyond, again = await _device(service, "make-a-device-one-more"), await _device(service, "make-a-device-000")

    assert beyond.status_code == 429
    assert again.status_code == 201
    assert again.json() == made[0].json()


async def test_no_stored_answer_holds_the_secret(service: Service) -> None:
    made = (await _device(service)).json()

    stored = str(await Idempotency.all().values()) + str(await Device.all().values())

    assert made["code"] in stored
    assert made["secret"].partition(".")[2] not in stored


async def test_the_same_key_for_another_kind_is_refused(service: Service) -> None:
    await _device(service)

    answer = await _device(service, body={"kind": "kiosk"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"


async def test_a_repeated_pairing_gets_the_same_answer(service: Service) -> None:
    manager = await service.signed_in("manager")
    made = (await _device(service)).json()

    answers = [
        await manager.post(HEPING, json={"code": made["code"]}, headers=with_key("pair-a-device-001")) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


async def test_writes_need_a_key(service: Service) -> None:
    manager = await service.signed_in("manager")

    for answer in (await manager.post(DEVICES, json={}), await manager.post(HEPING, json={"code": "ABC234"})):
        assert answer.status_code == 400
        assert answer.json()["code"] == "idempotency_key_required"
    assert await Device.all().count() == 0


@pytest.mark.parametrize("body", [{"kind": "tv"}, {"kind": 1}, {"unknown": 1}, []])
async def test_bad_input_makes_no_device(service: Service, body: object) -> None:
    answer = await service.client().post(DEVICES, json=body, headers=with_key("make-a-device-001"))

    assert answer.status_code == 400
    assert await Device.all().count() == 0


@pytest.mark.parametrize(
    ("username", "hall", "status"),
    [
        (None, "heping", 401),
        ("clerk1", "heping", 403),
        ("clerk5", "heping", 403),
        ("manager", "heping", 201),
        ("manager", "nankai", 403),
        ("hq", "heping", 201),
        ("hq", "nankai", 201),
        ("hq", "nowhere", 404),
    ],
)
async def test_who_may_pair(service: Service, username: str | None, hall: str, status: int) -> None:
    client = await service.signed_in(username) if username else service.client()
    made = (await _device(service)).json()

    answer = await client.post(
        f"/api/v1/halls/{hall}/displays", json={"code": made["code"]}, headers=with_key("pair-a-device-001")
    )

    assert answer.status_code == status
    assert await Device.filter(paired_at__not_isnull=True).count() == (status == 201)


@pytest.mark.parametrize(
    ("username", "listed", "revoked"),
    [(None, 401, 401), ("clerk1", 403, 403), ("clerk5", 403, 403), ("manager", 200, 204), ("hq", 200, 204)],
)
async def test_who_may_list_and_revoke(service: Service, username: str | None, listed: int, revoked: int) -> None:
    client = await service.signed_in(username) if username else service.client()
    _made, device = await _paired(service, await service.signed_in("hq"))

    assert (await client.get(HEPING)).status_code == listed
    assert (await client.delete(f"{DEVICES}/{device}")).status_code == revoked
    assert await Device.filter(revoked_at=None).count() == (revoked != 204)


async def test_screens_are_listed_a_page_at_a_time(service: Service) -> None:
    manager = await service.signed_in("manager")
    _made, device = await _paired(service, manager)

    first = (await manager.get(HEPING, params={"limit": 1})).json()
    refused = await manager.get(HEPING, params={"cursor": "gone"})

    assert ([display["id"] for display in first["displays"]], first["next_cursor"]) == ([device], None)
    assert refused.json()["field"] == "cursor"


async def test_a_manager_of_another_hall_revokes_nothing(service: Service) -> None:
    hq, manager = await service.signed_in("hq"), await service.signed_in("manager")
    made = (await _device(service)).json()
    answer = await hq.post(
        "/api/v1/halls/nankai/displays", json={"code": made["code"]}, headers=with_key("pair-a-device-001")
    )

    assert (await manager.delete(f"{DEVICES}/{answer.json()['id']}")).status_code == 403
    assert await Device.filter(revoked_at=None).count() == 1


async def test_a_revoked_display_is_unknown_from_then_on(service: Service) -> None:
    manager = await service.signed_in("manager")
    made, device = await _paired(service, manager)
    assert len((await manager.get(HEPING)).json()["displays"]) == 1

    await manager.delete(f"{DEVICES}/{device}")
    again = await manager.delete(f"{DEVICES}/{device}")
    answer = await service.client().post(TOKEN, json={"secret": made["secret"]})

    assert again.status_code == 204
    assert answer.status_code == 404
    assert answer.json()["code"] == "device_unknown"
    assert (await manager.get(HEPING)).json()["displays"] == []


@pytest.mark.parametrize("code", ["", "ABC234", "abc", "ABC23O", "x" * 1000, "ABC23\u0000"])
async def test_a_code_that_no_screen_shows_pairs_nothing(service: Service, code: str) -> None:
    manager = await service.signed_in("manager")
    await _device(service)

    answer = await manager.post(HEPING, json={"code": code}, headers=with_key("pair-a-device-001"))

    assert answer.status_code == 404
    assert answer.json()["code"] == "code_unknown"
    assert await Device.filter(paired_at__not_isnull=True).count() == 0


@pytest.mark.parametrize("secret", ["", "x", "a.b", "." * 50, "\u0000.\u0000"])
async def test_a_forged_secret_is_unknown(service: Service, secret: str) -> None:
    answer = await service.client().post(TOKEN, json={"secret": secret})

    assert answer.status_code == 404
    assert answer.json()["code"] == "device_unknown"


async def test_codes_can_not_be_guessed_at_will(service: Service) -> None:
    manager = await service.signed_in("manager")
    statuses = [
        (await manager.post(HEPING, json={"code": "ABC234"}, headers=with_key(f"guess-number-{n:05}"))).status_code
        for n in range(31)
    ]

    assert statuses == [404] * 30 + [429]


async def test_who_repeats_a_pairing_is_answered_however_many_codes_were_tried(service: Service) -> None:
    manager = await service.signed_in("manager")
    told, key = {"code": (await _device(service)).json()["code"]}, with_key("pair-the-display-1")

    first = await manager.post(HEPING, json=told, headers=key)
    for n in range(30):
        await manager.post(HEPING, json={"code": "ABC234"}, headers=with_key(f"guess-number-{n:05}"))
    again = await manager.post(HEPING, json=told, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()


async def test_by_cookie_alone_nothing_is_paired(service: Service) -> None:
    browser = await service.browser("manager")
    made = (await _device(service)).json()

    answer = await browser.post(HEPING, json={"code": made["code"]}, headers=with_key("pair-a-device-001"))

    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf"
    assert await Device.filter(paired_at__not_isnull=True).count() == 0

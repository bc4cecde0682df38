"""Kuaidi100's interface, spoken with a server of our own that speaks it."""

from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from o2o.kernel.clock import to_ms
from o2o.kernel.errors import InvalidError
from orders.delivery import kuaidi100
from orders.delivery.carriers import (
    ByHand,
    FollowerAwayError,
    FollowerError,
    ForgedPushError,
    NotFollowedError,
    Parcel,
    Report,
    Scan,
    ShipmentNotFoundError,
    Whereabouts,
)
from orders.delivery.kuaidi100 import Kuaidi100
from tests.orders.delivery.kuaidi100_server import CUSTOMER, KEY, Kuaidi100Server, kuaidi100_server, scan, signed

PARCEL = Parcel("shipment-1", "shunfeng", "SF1234567890", "13800138000", "天津市南开区")
NEWER, OLDER = scan("2026-11-26 09:30:00", "【天津】派件中"), scan("2026-11-25 18:00:05", "【北京】已揽收")


def moment(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
async def server() -> AsyncIterator[Kuaidi100Server]:
    async with kuaidi100_server() as server:
        yield server


@pytest.fixture
def follower(server: Kuaidi100Server) -> Kuaidi100:
    return following(server)


def following(server: Kuaidi100Server, key: str = KEY) -> Kuaidi100:
    return Kuaidi100(
        key,
        CUSTOMER,
        lambda shipment: f"salt of {shipment}",
        lambda shipment: f"https://o2o.test/{shipment}",
        server.url,
    )


async def test_a_parcel_is_subscribed_once_with_its_own_salt_and_address(
    server: Kuaidi100Server, follower: Kuaidi100
) -> None:
    await follower.follow(PARCEL)
    await follower.follow(PARCEL)

    assert server.subscribed == {
        "SF1234567890": {
            "company": "shunfeng",
            "number": "SF1234567890",
            "to": "天津市南开区",
            "key": KEY,
            "parameters": {
                "callbackurl": "https://o2o.test/shipment-1",
                "salt": "salt of shipment-1",
                "phone": "13800138000",
            },
        }
    }


async def test_a_messenger_of_our_own_is_nobodys_to_follow(server: Kuaidi100Server, follower: Kuaidi100) -> None:
    own = Parcel("shipment-1", "messenger", "42-17")

    await follower.follow(own)

    assert await follower.ask(own) is None
    assert (server.subscribed, server.asked) == ({}, [])


@pytest.mark.parametrize(
    ("code", "error"), [("700", NotFollowedError), ("701", NotFollowedError), ("500", FollowerAwayError)]
)
async def test_a_subscription_that_is_refused_says_whether_to_try_again(
    server: Kuaidi100Server, follower: Kuaidi100, code: str, error: type[FollowerError]
) -> None:
    server.refuses = (code, "拒绝订阅的快递公司")

    with pytest.raises(error) as refused:
        await follower.follow(PARCEL)

    assert refused.value.reason == "拒绝订阅的快递公司"


async def test_a_wrong_key_is_no_reason_to_stop_asking_for_parcels(server: Kuaidi100Server) -> None:
    wrong = following(server, "wrong")

    with pytest.raises(NotFollowedError):
        await wrong.follow(PARCEL)
    with pytest.raises(FollowerAwayError):
        await wrong.ask(PARCEL)


async def test_a_server_that_is_silent_garbled_or_gone_is_away(
    server: Kuaidi100Server, follower: Kuaidi100, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kuaidi100, "LIMIT_S", 0.2)
    server.silent = True
    for asked in (follower.follow, follower.ask):
        with pytest.raises(FollowerAwayError):
            await asked(PARCEL)
    server.silent, server.garbled = False, True
    with pytest.raises(FollowerAwayError):
        await follower.follow(PARCEL)
    server.url = "http://127.0.0.1:9"
    with pytest.raises(FollowerAwayError):
        await following(server).ask(PARCEL)


async def test_what_is_asked_is_known_with_its_scans_newest_first(server: Kuaidi100Server, follower: Kuaidi100) -> None:
    assert await follower.ask(PARCEL) is None
    server.parcels["SF1234567890"] = {"state": "5", "ischeck": "0", "data": [OLDER, NEWER, scan("?", "no time")]}

    assert await follower.ask(PARCEL) == Report(
        Whereabouts.OUT_FOR_DELIVERY,
        (
            Scan(moment("2026-11-26T09:30:00"), "【天津】派件中"),
            Scan(moment("2026-11-25T18:00:05"), "【北京】已揽收"),
        ),
    )


async def test_a_push_is_heard_with_the_right_signature_only(server: Kuaidi100Server, follower: Kuaidi100) -> None:
    await follower.follow(PARCEL)
    body = server.pushed("SF1234567890", "3", NEWER, status="shutdown")

    report = follower.heard("shipment-1", body)

    assert (report.whereabouts, report.over) == (Whereabouts.SIGNED, True)
    for forged in (
        body.replace(b"sign=", b"sign=0"),
        body.replace(b"shutdown", b"polling"),
        b"",
        b"param=%7B%7D",
        b"\xff",
    ):
        with pytest.raises(ForgedPushError):
            follower.heard("shipment-1", forged)
    with pytest.raises(ForgedPushError):
        follower.heard("shipment-2", body)


async def test_a_carrier_that_was_entered_wrongly_is_put_right(server: Kuaidi100Server, follower: Kuaidi100) -> None:
    await follower.follow(PARCEL)
    body = server.pushed("SF1234567890", "0", status="abort", comNew="ems", autoCheck="0", message="3天查询无记录")

    assert follower.heard("shipment-1", body) == Report(None, (), over=False, carrier="ems")


def test_a_signed_push_that_is_no_push_is_refused() -> None:
    follower = Kuaidi100(KEY, CUSTOMER, lambda _shipment: "salt", lambda _shipment: "")

    with pytest.raises(InvalidError):
        follower.heard("shipment-1", signed({"lastResult": "no parcel"}, "salt"))


async def test_by_hand_nobody_follows() -> None:
    await ByHand().follow(PARCEL)

    assert await ByHand().ask(PARCEL) is None
    with pytest.raises(ShipmentNotFoundError):
        ByHand().heard("shipment-1", b"")

from typing import Any

import msgspec
import pytest

from halls.assembly import assemble
from halls.schemas import HallInput, Names
from o2o.kernel.errors import InvalidError
from o2o.kernel.http import parse
from tests.halls.documents import DOCUMENT, hall, hall_input, week

SERVICE = {"id": "sim", "prefix": "A", "name": "SIM"}
COUNTER = {"id": "heping-1", "name": "1"}
CLOSURE = {"start": "2026-12-01T12:00", "end": "2026-12-02T00:00"}


def refused_field(**changes: Any) -> str:
    """The field that a document with these changes is refused for."""
    with pytest.raises(InvalidError) as refusal:
        assemble("heping", parse(msgspec.json.encode({**DOCUMENT, **changes}), HallInput), rev=1)
    return str(refusal.value.details["field"])


def test_a_counter_serves_every_service_unless_it_names_some() -> None:
    assert [counter.services for counter in hall().counters] == [("sim", "bill"), ("bill",)]


def test_a_counters_services_are_in_the_halls_order() -> None:
    (counter,) = hall(counters=[{**COUNTER, "services": ["bill", "sim", "bill"]}]).counters

    assert counter.services == ("sim", "bill")


def test_one_name_serves_both_languages() -> None:
    assert hall().services[1].names == Names(zh="Bills", en="Bills")


def test_a_name_is_told_in_the_readers_language() -> None:
    assert hall().names.in_language("zh-CN") == "和平营业厅"
    assert hall().names.in_language("en") == "Heping hall"


def test_what_a_hall_does_not_say_has_a_default() -> None:
    assert hall().hours == "always"
    assert (hall().calendar, hall().days, hall().closures, hall().province) == (None, (), (), None)
    assert hall().capacity is None
    assert hall().time_zone == "Asia/Shanghai"
    assert hall().rules.classes[0] == "standard"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("colour", {"colour": "red"}),
        ("rules.recals", {"rules": {"recals": 3}}),
        ("hours.monday", {"hours": {"monday": []}}),
        ("services[0].colour", {"services": [{**SERVICE, "colour": "red"}]}),
        ("names.zh-CN", {"names": {"en": "Heping"}}),
        ("names", {"names": None}),
        ("services[0].names", {"services": [{"id": "sim", "prefix": "A"}]}),
        ("lat", {"lat": 90.5}),
        ("lat", {"lat": "39.1"}),
        ("lon", {"lon": -180.1}),
        ("capacity", {"capacity": -1}),
        ("capacity", {"capacity": 1.5}),
        ("time_zone", {"time_zone": "Mars/Olympus"}),
        ("time_zone", {"time_zone": "../../etc/passwd"}),
        ("time_zone", {"time_zone": ""}),
        ("day_starts", {"day_starts": "24:00"}),
        ("hours", {"hours": "sometimes"}),
        ("services", {"services": []}),
        ("services[0].id", {"services": [{**SERVICE, "id": "SIM"}]}),
        ("services[0].id", {"services": [{**SERVICE, "id": "sim\n"}]}),
        ("services[0].id", {"services": [{**SERVICE, "id": "s" * 41}]}),
        ("services[0].prefix", {"services": [{**SERVICE, "prefix": "a"}]}),
        ("services[0].prefix", {"services": [{**SERVICE, "prefix": "ABCD"}]}),
        ("services[0].prefix", {"services": [{**SERVICE, "prefix": "A\n"}]}),
        ("services[1].prefix", {"services": [SERVICE, {**SERVICE, "id": "bill"}]}),
        ("services[1].id", {"services": [SERVICE, {**SERVICE, "prefix": "B"}]}),
        ("counters[1].id", {"counters": [COUNTER, COUNTER]}),
        ("counters[0].services[1]", {"counters": [{**COUNTER, "services": ["sim", "loans"]}]}),
        ("rules.classes[1]", {"rules": {"classes": ["standard", "standard"]}}),
        ("rules.requeue_places", {"rules": {"requeue_places": 101}}),
        ("calendar", {"calendar": "us"}),
        ("province", {"province": "Tianjin"}),
        ("hours.holiday[0]", {"hours": {"holiday": [("09:00", "09:00")]}}),
        ("days[0].date", {"days": [{"date": "2026-02-30"}]}),
        ("days[1].date", {"days": [{"date": "2026-02-14"}, {"date": "2026-02-14", "hours": [("10:00", "16:00")]}]}),
        ("days[0].hours[1]", {"days": [{"date": "2026-02-14", "hours": [("10:00", "16:00"), ("15:00", "17:00")]}]}),
        ("closures[0].start", {"closures": [{"start": "2026-02-30T09:00", "end": "2026-03-01T09:00"}]}),
        ("closures[0].start", {"closures": [{"start": "0001-01-01T00:00", "end": "2026-03-01T09:00"}]}),
        ("closures[0].end", {"closures": [{"start": "2026-03-01T09:00", "end": "2026-03-01T09:00"}]}),
        ("closures[0].reason.zh-CN", {"closures": [{**CLOSURE, "reason": {"en": "Works"}}]}),
        ("rules.speech.one", {"rules": {"speech": {"one": "ichi"}}}),
    ],
)
def test_a_fault_is_refused_with_the_field_that_it_is_in(field: str, changes: dict[str, Any]) -> None:
    assert refused_field(**changes) == field


@pytest.mark.parametrize(
    "name", ["", "   ", "He\nping", "Heping\n", "He\u202eping", "He\u0000ping", "\u200bHeping", "x" * 81]
)
def test_a_name_is_refused_that_is_empty_or_hides_something(name: str) -> None:
    assert refused_field(name=name) == "name"


@pytest.mark.parametrize(
    ("field", "spans"),
    [
        ("hours.mon[0]", [("09:00", "09:00")]),
        ("hours.mon[1]", [("09:00", "12:00"), ("11:59", "17:00")]),
        ("hours.mon[1]", [("22:00", "02:00"), ("23:00", "24:00")]),
        ("hours.mon[0][0]", [("24:00", "02:00")]),
        ("hours.mon[0][1]", [("09:00", "25:00")]),
        ("hours.mon[0][0]", [("9:00", "17:00")]),
        ("hours.mon[0]", [("09:00", "12:00", "13:00")]),
    ],
)
def test_hours_are_refused_that_contradict_themselves(field: str, spans: list[tuple[str, ...]]) -> None:
    assert refused_field(hours={"mon": spans}) == field


def test_hours_may_touch_and_pass_midnight_at_the_end_of_a_day() -> None:
    spans = week(("09:00", "12:00"), ("12:00", "14:00"), ("22:00", "02:00"))

    assert hall(hours=spans).hours != "always"


@pytest.mark.parametrize("hall_id", ["", "Heping", "he ping", "-heping", "heping\n", "h" * 41, "和平"])
def test_a_hall_has_a_plain_id(hall_id: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        assemble(hall_id, hall_input(), rev=1)

    assert refusal.value.details["field"] == "hall"

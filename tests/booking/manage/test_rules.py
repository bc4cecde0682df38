"""The tab of rules."""

import pytest
from httpx2 import AsyncClient

from halls.hall import Hall
from halls.service import Directory
from tests.booking.manage.browser import fill

pytestmark = pytest.mark.once

TAB = "/manage/heping/rules"


async def hall() -> Hall:
    return await Directory().get("heping")


async def test_every_rule_is_saved(manager: AsyncClient) -> None:
    numbers = {"late_minutes": 20, "priority_calls": 3, "longest_wait_minutes": 45, "put_back_minutes": 0}
    speech = {"languages": ["en"], "times": 1, "rate": "1.2", "one": "yao"}
    typed = {"capacity": 80, "classes": "standard，elder booked", "requeue_places": 5, **numbers, **speech}
    await fill(manager, TAB, "save", **typed)

    saved = await hall()
    rules = saved.rules
    assert (saved.capacity, rules.classes, rules.requeue_places) == (80, ("standard", "elder", "booked"), 5)
    assert [getattr(rules, name) for name in numbers] == list(numbers.values())
    assert (rules.speech.languages, rules.speech.times, rules.speech.rate, rules.speech.one) == (("en",), 1, 1.2, "yao")


async def test_no_capacity_is_no_limit(manager: AsyncClient) -> None:
    await fill(manager, TAB, "save", capacity="")

    assert (await hall()).capacity is None


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("capacity", "many"),
        ("capacity", "100001"),
        ("capacity", "9" * 5_000),
        ("late_minutes", "0"),
        ("priority_calls", "x"),
        ("classes", "Standard"),
        ("classes", "one, one"),
        ("classes", ""),
        ("rate", "9"),
    ],
)
async def test_a_fault_stands_at_its_field_and_nothing_is_saved(field: str, typed: str, manager: AsyncClient) -> None:
    answer = await fill(manager, TAB, "save", **{"requeue_places": 9, field: typed})

    assert answer.status_code == 400
    assert f'id="rules-{field}-fault"' in answer.text
    assert (await hall()).rules.requeue_places == 3


async def test_the_form_as_it_is_changes_nothing(manager: AsyncClient) -> None:
    before = await hall()
    await fill(manager, TAB, "save")

    assert await hall() == before

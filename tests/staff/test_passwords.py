"""Passwords."""

import time
from statistics import median

import pytest
from argon2 import PasswordHasher

from staff import passwords
from staff.passwords import hash_password, is_outdated, verify_password


@pytest.fixture(autouse=True)
def _as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the cheap ones of other tests."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher())


async def test_a_password_is_known_again_by_its_hash() -> None:
    stored = await hash_password("demo-password")

    assert await verify_password(stored, "demo-password")
    assert not await verify_password(stored, "Demo-password")
    assert stored.startswith("$argon2id$")


async def test_nobody_has_a_password() -> None:
    assert not await verify_password(None, "demo-password")


async def test_an_unknown_user_takes_as_long_as_a_wrong_password() -> None:
    stored = await hash_password("demo-password")
    wrong, unknown = [], []
    for _round in range(5):
        wrong.append(await _seconds(stored))
        unknown.append(await _seconds(None))

    assert 0.5 < median(unknown) / median(wrong) < 2


def test_what_unknown_users_are_verified_against_costs_as_much_as_a_new_hash() -> None:
    assert not is_outdated(passwords._NOBODY)


async def _seconds(stored: str | None) -> float:
    started = time.perf_counter()
    await verify_password(stored, "a guess")
    return time.perf_counter() - started

"""In a cluster all keys of a script have one hash tag. Whatever the tests run is watched (tests/conftest.py)."""

import re
from pathlib import Path

import pytest
from redis.asyncio import Redis

from o2o.kernel.scripts import Script
from tests.slots import ManySlotsError

ROOT = Path(__file__).parents[2]
PACKAGES = ("o2o", "booking", "halls", "messages", "orders", "qr", "staff", "websocket")
SCRIPTS = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.lua"))
CALL = re.compile(r"redis\.p?call\(\s*('\w+')\s*,?\s*([^,()]*(?:\[[^]]*\])*)")
KEYLESS = {"'INFO'", "'PUBLISH'", "'TIME'"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SCRIPTS, ids=relative)
def test_a_script_names_no_key_of_its_own_making(path: Path) -> None:
    """Each is handed in, in KEYS: a name in capitals, an element of a table of them, or a local of that name."""
    keys = {key.strip() for command, key in CALL.findall(path.read_text()) if command not in KEYLESS}

    assert {key for key in keys if "'" in key or '"' in key or ".." in key or "ARGV" in key} == set()


async def test_keys_of_two_tags_are_noticed(redis_client: Redis) -> None:
    script = Script(ROOT / "o2o" / "kernel" / "lua" / "lead.lua")

    with pytest.raises(ManySlotsError):
        await script(redis_client, ["{hall:a}:meta", "{hall:b}:meta"], ["me", "", 0])
    await script(redis_client, ["{hall:a}:meta", "{hall:a}:ops"], ["me", "", 0])


async def test_a_command_with_keys_of_two_tags_is_noticed(redis_client: Redis) -> None:
    with pytest.raises(ManySlotsError):
        await redis_client.unlink("{hall:a}:meta", "{hall:b}:meta")

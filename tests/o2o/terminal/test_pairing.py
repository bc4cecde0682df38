"""A terminal is paired by a code, once, and remembers it."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import pytest
import uvicorn
from rich.console import Console

from booking import hall_endpoints
from o2o.commands import display
from o2o.kernel.database import transaction
from o2o.kernel.i18n import translator
from o2o.replay.client import RefusedError
from o2o.terminal.pairing import Kept, WrongHallError, token_for
from tests.ports import free_port
from tests.serving import Service, add_halls, serve
from websocket import pairing, pairing_endpoints
from websocket.models import Device
from websocket.pairing_schemas import Pairing

pytestmark = pytest.mark.once


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serve(tmp_path, [*pairing_endpoints.routes, *hall_endpoints.routes], O2O_RATE_LIMITS="off") as service:
        await add_halls(service, "heping", "nankai")
        yield service


@asynccontextmanager
async def listening(service: Service, port: int = 0) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(service, port=port, lifespan="off", log_level="critical"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


def a_console() -> Console:
    return Console(file=StringIO(), width=100)


async def enter(service: Service, hall: str) -> str:
    """Do as a manager does who reads the code from the screen; gives the device."""
    while (device := await Device.get_or_none(hall=None)) is None:
        await asyncio.sleep(0.01)
    wish = Pairing(device.code or "")
    await transaction(lambda client: pairing.pair(client, wish, hall, "staff:manager", service.clock()))
    return str(device.id)


async def test_a_code_is_shown_until_a_manager_has_entered_it(service: Service, tmp_path: Path) -> None:
    console, kept = a_console(), Kept(tmp_path / "state")
    async with listening(service) as url:
        asking = asyncio.create_task(token_for(url, "heping", console, translator("en"), kept))
        device = await enter(service, "heping")
        token = await asking

    assert token.startswith(f"{device}.")
    assert "/display/pair, as the hall's manager." in console.file.getvalue()  # type: ignore[attr-defined]


async def test_what_was_paired_needs_no_code_the_next_time(service: Service, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "state")
    async with listening(service) as url:
        asking = asyncio.create_task(token_for(url, "heping", a_console(), translator("en"), kept))
        await enter(service, "heping")
        first = await asking
        console = a_console()
        again = await token_for(url, "heping", console, translator("en"), kept)

    assert again == first
    assert console.file.getvalue() == ""  # type: ignore[attr-defined]
    assert stat.S_IMODE((tmp_path / "state" / "displays.json").stat().st_mode) == 0o600


async def test_what_was_taken_off_is_forgotten_and_paired_anew(service: Service, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "state")
    async with listening(service) as url:
        kept.put(url, "heping", "nobody.knows")
        asking = asyncio.create_task(token_for(url, "heping", a_console(), translator("en"), kept))
        device = await enter(service, "heping")
        await asking

        assert (kept.get(url, "heping") or "").startswith(f"{device}.")


async def test_a_code_that_was_entered_for_another_hall_is_not_taken(service: Service, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "state")
    async with listening(service) as url:
        asking = asyncio.create_task(token_for(url, "heping", a_console(), translator("en"), kept))
        await enter(service, "nankai")
        with pytest.raises(WrongHallError, match="entered for nankai, not for heping"):
            await asking

        assert kept.get(url, "heping") is None


async def test_a_service_that_is_away_at_the_start_is_waited_for(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, console = free_port(), a_console()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("o2o.replay.client._PATIENCE_S", 0.1)
    monkeypatch.setattr(display, "console", console)

    asking = asyncio.create_task(display.show(f"http://127.0.0.1:{port}", "heping", None, translator("en")))
    while "does not answer" not in console.file.getvalue():  # type: ignore[attr-defined]
        await asyncio.wait([asking], timeout=0.01)
        assert not asking.done()
    async with listening(service, port):
        await enter(service, "heping")
        with pytest.raises(display.DisplayEndedError):  # This service has no streams.
            await asking

    assert "/display/pair, as the hall's manager." in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_file_that_can_not_be_read_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "displays.json").write_text("{")

    assert Kept(tmp_path).get("http://hall.test", "heping") is None


def test_where_nothing_can_be_kept_it_is_known_until_the_end(tmp_path: Path) -> None:
    no_folder = tmp_path / "file"
    no_folder.write_text("")
    kept = Kept(no_folder)
    kept.put("http://hall", "heping", "secret")
    assert kept.get("http://hall", "heping") == "secret"

    kept.put("http://hall", "heping", None)
    assert kept.get("http://hall", "heping") is None


def test_displays_of_several_halls_are_kept_apart(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.put("http://a", "heping", "one")
    kept.put("http://a", "nankai", "two")
    kept.put("http://a", "heping", None)

    assert (kept.get("http://a", "heping"), kept.get("http://a", "nankai")) == (None, "two")


async def test_nobody_is_asked_to_pair_a_terminal_with_a_hall_that_is_not(service: Service, tmp_path: Path) -> None:
    console = a_console()
    async with listening(service) as url:
        with pytest.raises(RefusedError, match="There is no such hall"):
            await token_for(url, "nowhere", console, translator("en"), Kept(tmp_path / "state"))

    assert await Device.all().count() == 0

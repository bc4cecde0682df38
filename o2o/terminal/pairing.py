"""Pairing a terminal: a code to enter, and what is kept of it, so that tomorrow's start needs none."""

import asyncio
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rich.align import Align
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from o2o.kernel.i18n import Translator, _
from o2o.replay.client import RefusedError, Service
from o2o.terminal import glyphs

ASK_AGAIN_S: Final = 2.0
NOT_PAIRED: Final = "not_paired"
UNKNOWN: Final = "device_unknown"
GAP: Final = 3


class WrongHallError(Exception):
    """The code was entered for another hall."""


class Kept:
    """The secrets of this machine's displays, by service and hall, in a file that only their user can read.

    Where none can be written, they are known until the program ends.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "displays.json"
        self._here: dict[str, str | None] = {}

    def get(self, url: str, hall: str) -> str | None:
        return {**self._read(), **self._here}.get(f"{url} {hall}")

    def put(self, url: str, hall: str, secret: str | None) -> None:
        """Keep the secret; None forgets it."""
        self._here[f"{url} {hall}"] = secret
        with suppress(OSError):
            self._write({**self._read(), **self._here})

    def _write(self, secrets: Mapping[str, str | None]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({place: kept for place, kept in secrets.items() if kept}, file)

    def _read(self) -> dict[str, str]:
        with suppress(OSError, ValueError):
            kept: dict[str, str] = json.loads(self._file.read_text())
            return kept
        return {}


def state_folder() -> Path:
    """Where programs keep such things for their user."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "o2o"


async def token_for(url: str, hall: str, console: Console, texts: Translator, kept: Kept) -> str:
    """The token of this terminal's display: of the one that was paired before, else of a new one, once it is paired.

    Raises RefusedError, UnreachableError, WrongHallError.
    """
    service = Service(url)
    try:
        if secret := kept.get(url, hall):
            with suppress(_UnknownError):
                return await _exchange(service, secret, hall)
            kept.put(url, hall, None)
        await service.send("GET", f"/halls/{quote(hall, safe='')}")  # Nobody can enter a code for a hall that is not.
        while True:
            device = await service.post("/displays")
            _show_code(device["code"], f"{url}/display/pair", console, texts)
            with suppress(_UnknownError):  # Nobody entered the code in its 15 minutes.
                token = await _exchange(service, device["secret"], hall)
                kept.put(url, hall, device["secret"])
                return token
    finally:
        await service.close()


class _UnknownError(Exception):
    """The secret leads nowhere any more."""


async def _exchange(service: Service, secret: str, hall: str) -> str:
    """Wait until the device is paired. Raises WrongHallError, _UnknownError, RefusedError."""
    while True:
        try:
            answer: dict[str, Any] = await service.post("/displays/token", {"secret": secret})
        except RefusedError as refusal:
            if refusal.code == UNKNOWN:
                raise _UnknownError from refusal
            if refusal.code != NOT_PAIRED:
                raise
            await asyncio.sleep(ASK_AGAIN_S)
            continue
        if answer["hall"] != hall:
            raise WrongHallError(f"The code was entered for {answer['hall']}, not for {hall}.")
        return str(answer["token"])


def _show_code(code: str, address: str, console: Console, texts: Translator) -> None:
    """The code, large where there is room."""
    spaced = f"{code[:GAP]} {code[GAP:]}"
    lines = glyphs.small(spaced)
    large = "\n".join(lines) if console.is_terminal and len(lines[0]) + 8 <= console.width else spaced
    console.print(Panel(Align.center(Text(large, style="bold", no_wrap=True)), padding=(1, 2)))
    console.print(texts(_("Enter this code at %(address)s, as the hall's manager."), address=address), soft_wrap=True)

"""Where a code hangs, and what it was scanned with. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Source(StrEnum):
    """Where the code was that somebody scanned, as its address says (`?s=poster`)."""

    POSTER = "poster"
    DOOR = "door"
    WINDOW = "window"
    DISPLAY = "display"
    KIOSK = "kiosk"
    SHELF = "shelf"
    OTHER = "other"


class Agent(StrEnum):
    """What kind of program opened the address."""

    WECHAT = "wechat"
    ALIPAY = "alipay"
    PHONE = "phone"
    COMPUTER = "computer"


# What names itself thus is no person with a camera; nor is who names itself not at all.
_MACHINE: Final = re.compile(
    r"bot\b|crawl|spider|slurp|preview|scan|monitor|facebookexternalhit|headless|curl|wget|python|java/|go-http|okhttp",
    re.IGNORECASE,
)
_AGENTS: Final = (
    (Agent.WECHAT, re.compile("MicroMessenger")),
    (Agent.ALIPAY, re.compile("AlipayClient")),
    (Agent.PHONE, re.compile("Mobile|Android|iPhone|iPad|HarmonyOS|OpenHarmony")),
    (Agent.COMPUTER, re.compile("Mozilla")),
)
_AHEAD: Final = ("purpose", "sec-purpose", "x-purpose", "x-moz")
"""By these a browser says that it fetches before anybody asked for the page."""


def source_of(said: str) -> Source:
    return Source(said) if said in set(Source) else Source.OTHER


def path_of(code: str, said: str = "") -> str:
    """The address of a code on this site; from a known source it says which."""
    return f"/q/{code}?s={said}" if said in set(Source) else f"/q/{code}"


def agent_of(headers: Mapping[str, str]) -> Agent | None:
    """What a person scanned with; None for machines, and for what a browser fetches ahead of anybody's wish."""
    name = headers.get("user-agent", "")
    ahead = any(word in headers.get(header, "") for header in _AHEAD for word in ("prefetch", "prerender", "preview"))
    if ahead or _MACHINE.search(name):
        return None
    return next((agent for agent, sign in _AGENTS if sign.search(name)), None)

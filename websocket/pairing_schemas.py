"""What the pairing of displays and kiosks takes and answers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from halls.fields import TEXT_PATTERN

ScreenName = Annotated[str, msgspec.Meta(max_length=40, pattern=TEXT_PATTERN)]


class DeviceKind(StrEnum):
    DISPLAY = "display"
    KIOSK = "kiosk"


class Screen(msgspec.Struct, frozen=True):
    """A paired device: it may watch its hall."""

    id: str
    kind: DeviceKind
    hall: str


class NewDevice(msgspec.Struct, forbid_unknown_fields=True):
    kind: DeviceKind = DeviceKind.DISPLAY


class WaitingDevice(msgspec.Struct, frozen=True):
    """An unpaired device, and the code that it shows until `expires_at`."""

    id: str
    code: str
    expires_at: datetime


class DeviceMade(WaitingDevice, frozen=True, kw_only=True):
    """The code is for a manager to enter, the secret for the device to keep."""

    secret: str


class Pairing(msgspec.Struct, forbid_unknown_fields=True):
    """The code that the screen shows; case, spaces and hyphens don't matter. `name` says where it hangs."""

    code: str
    name: ScreenName | None = None


class Naming(msgspec.Struct, forbid_unknown_fields=True):
    """By what the hall's people know the screen; null takes the name away."""

    name: ScreenName | None


class Secret(msgspec.Struct, forbid_unknown_fields=True):
    """Without a secret the browser's cookie is asked, which the page `/display` has set."""

    secret: str = ""


class DeviceToken(msgspec.Struct, frozen=True):
    """The token for `Authorization: Bearer` at `/ws/halls/{hall}`."""

    token: str
    hall: str


class DisplayAnswer(msgspec.Struct, frozen=True):
    """A paired display as the hall's manager sees it. `alive`: it is connected, as far as is known."""

    id: str
    kind: DeviceKind
    hall: str
    name: str | None
    paired_by: str
    paired_at: datetime
    last_seen_at: datetime | None
    alive: bool


class DisplayList(msgspec.Struct, frozen=True):
    displays: list[DisplayAnswer]
    next_cursor: str | None

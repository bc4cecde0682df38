"""Carriers: what they are asked and what they say of a parcel, whoever it is that follows it for us.

Whoever follows parcels is a `Follower`. Without keys of one it is `ByHand`: staff enter what is so.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Protocol

from msgspec import Meta, Struct

from o2o.kernel.errors import ForbiddenError, NotFoundError
from o2o.kernel.i18n import _

Code = Annotated[str, Meta(pattern=r"^[a-z0-9]{2,30}$(?!\n)", description="The carrier's code: shunfeng, ems.")]
Tracking = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{4,32}$(?!\n)", description="The parcel's number.")]

MESSENGER: Final = "messenger"
"""The code of people of one's own: nobody can be asked where they are."""
NAMES: Final[Mapping[str, str]] = {
    "shunfeng": _("SF Express"),
    "ems": _("EMS"),
    "youzhengguonei": _("China Post"),
    "jd": _("JD Logistics"),
    "zhongtong": _("ZTO Express"),
    "yuantong": _("YTO Express"),
    "yunda": _("Yunda Express"),
    "shentong": _("STO Express"),
    "jtexpress": _("J&T Express"),
    "debangkuaidi": _("Deppon Express"),
    MESSENGER: _("Our own messenger"),
}
"""The carriers that a form offers, by Kuaidi100's codes; any other of its codes is taken too."""


class Whereabouts(StrEnum):
    """What a carrier says of a parcel. It is data beside the order: it moves no line by itself."""

    COLLECTED = "collected"
    ON_THE_WAY = "on_the_way"
    OUT_FOR_DELIVERY = "out_for_delivery"
    SIGNED = "signed"
    PROBLEM = "problem"
    REFUSED = "refused"
    RETURNING = "returning"


class Parcel(Struct, frozen=True):
    """What a follower has to know. Some carriers tell only who knows the receiver's `phone`."""

    shipment: str
    carrier: str
    tracking: str
    phone: str = ""
    target: str = ""


class Scan(Struct, frozen=True):
    """One thing that the carrier noted, at a moment (ms since 1970)."""

    at: int
    text: str


class Report(Struct, frozen=True):
    """All that is known of a parcel, its scans newest first.

    `over`: nothing more will come. `given_up`: whoever follows it gave up, since for days nothing was known of it or
    changed, and may be told of it anew. `carrier`: whose parcel it is in truth, when that was entered wrongly.
    """

    whereabouts: Whereabouts | None
    scans: tuple[Scan, ...] = ()
    over: bool = False
    given_up: bool = False
    carrier: str | None = None


class FollowerError(Exception):
    """No refusal to anybody who asked us for something: `reason` is for the log and for staff."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFollowedError(FollowerError):
    """The follower does not want this parcel."""


class FollowerAwayError(FollowerError):
    """The follower can't be reached, or said something that can't be read. It is asked again later."""


class ForgedPushError(ForbiddenError):
    """The signature of what was pushed is not right."""

    code = "forged_push"

    def __init__(self) -> None:
        super().__init__(_("The signature is not right."))


class ShipmentNotFoundError(NotFoundError):
    code = "shipment_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such shipment."))


class Follower(Protocol):
    """Somebody who knows where parcels are."""

    @property
    def name(self) -> str:
        """As tracking events name it; empty: nobody follows."""

    async def follow(self, parcel: Parcel) -> None:
        """Ask to be told of the parcel from now on; doing it twice is harmless.

        Raises NotFollowedError, FollowerAwayError.
        """

    async def ask(self, parcel: Parcel) -> Report | None:
        """What is known of it now; None: nothing yet. Raises FollowerAwayError."""

    def heard(self, shipment: str, body: bytes) -> Report:
        """What was pushed to us of a shipment. Raises ForgedPushError, InvalidError."""


class ByHand:
    """Nobody follows. Where a parcel is, its carrier's own page says; that it arrived, staff enter."""

    name: Final = ""

    async def follow(self, parcel: Parcel) -> None:
        """Nobody is asked."""

    async def ask(self, parcel: Parcel) -> Report | None:  # noqa: ARG002 - nobody is asked
        return None

    def heard(self, shipment: str, body: bytes) -> Report:  # noqa: ARG002 - nobody could have signed it
        raise ShipmentNotFoundError

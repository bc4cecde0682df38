"""Taking a number, and giving it up."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from booking.errors import FULL, HallClosedError, HallFullError, refused
from booking.schemas import TakeNumber
from booking.service.carrying import find_hold, keep_for
from booking.service.checks import check_class, check_services, no_service
from booking.service.line import Change, Line, as_data, ticket_of
from booking.states import Action
from halls.hall import Hall
from halls.queries import Found, Load, halls_around, quieter
from halls.stock.service import Stockroom
from o2o.kernel.attempts import Attempt
from o2o.kernel.i18n import _
from o2o.kernel.ids import timely_id
from o2o.kernel.journal import Refusal
from o2o.kernel.phones import e164
from o2o.kernel.signing import Signer

ALTERNATIVES: Final = 3


class Arrivals:
    def __init__(self, line: Line, signer: Signer, stock: Stockroom) -> None:
        self._line = line
        self._signer = signer
        self._stock = stock

    async def take_number(self, hall_id: str, wish: TakeNumber, attempt: Attempt, *, confirmed: bool = False) -> Change:
        """Put a new ticket at the end of the service's line.

        A class that staff have not `confirmed` is kept as claimed, and ranks as the first of the hall's.
        A hold on stock that it carries lasts longer from now on. Raises NotFoundError, InvalidError, HallClosedError,
        HallPausedError, ServiceClosedError, HallFullError (with alternatives), AlreadyWaitingError, HoldEndedError,
        HoldCarriedError, HoldElsewhereError.
        """
        hall = await self._line.directory.get(hall_id)
        ranks = await self._line.judged(hall, lambda one: _ranks(one, wish, confirmed=confirmed), attempt)
        class_, claimed = ranks or (None, None)
        phone = e164(wish.phone) if wish.phone else None
        carried = await find_hold(self._signer, wish.hold, hall.id, attempt.received) if wish.hold else None
        args = {
            "id": timely_id(attempt.received),
            "service": wish.service,
            "class": class_,
            "claimed": claimed,
            "channel": wish.channel,
            "remaining": ",".join(wish.then) or None,
            "holder": self._signer.phone_hash(phone) if phone else None,
            "contact": self._sealed(phone, wish.name),
            **(carried.as_args() if carried else {}),
            "pace": as_data(await self._line.pace_of(hall, wish.service)),
        }
        # What is closed the script refuses, not we: who repeats what was done before closing time is answered as then.
        answer = await self._line.submit(hall, Action.ISSUE, args, attempt)
        if isinstance(answer, Refusal):
            latest = self._line.directory.known(hall.id)
            _ranks(latest, wish, confirmed=confirmed)  # It was taken away a moment ago.
            raise await self._why_not(answer, latest, wish.service)
        if carried:
            await keep_for(self._stock, carried.hold, ticket_of(answer), attempt)
        return answer

    async def leave(self, ticket: str, attempt: Attempt) -> Change:
        """Give the place up. Raises NotFoundError, WrongStateError."""
        return await self._line.act(ticket, Action.LEAVE, {}, attempt)

    def _sealed(self, phone: str | None, name: str | None) -> str | None:
        if phone is None and name is None:
            return None
        return self._signer.seal(msgspec.json.encode({"phone": phone, "name": name}).decode())

    async def _why_not(self, refusal: Refusal, hall: Hall, service: str) -> Exception:
        match refusal.code:
            case "hall_full":
                others = [_alternative(*pair, service) for pair in await self.quieter(hall, service)]
                return HallFullError(FULL, alternatives=others)
            case "hall_closed":
                return _closed(hall, hall.opens_at(self._line.clock()))
            case "unknown_service":
                return no_service(service)
            case code:
                return refused(code, refusal.details)

    async def quieter(self, full: Hall, service: str) -> list[tuple[Found, Load]]:
        """A few halls nearby that give numbers for the service now; where one is served soonest first."""
        around = halls_around(full, service, await self._line.directory.all(), self._line.clock())
        loads = await self._line.loads([one.hall for one in around])
        return quieter(zip(around, loads, strict=True), service)[:ALTERNATIVES]


def _closed(hall: Hall, opens: datetime | None) -> HallClosedError:
    if opens is None:
        return HallClosedError(_("The hall is closed. Please choose another."), opens_at=None)
    message = _("The hall is closed just now. Come back from %(opens)s on, or choose another.")
    there = opens.astimezone(ZoneInfo(hall.time_zone))
    return HallClosedError(message, opens_at=there.isoformat(), opens=f"{there:%Y-%m-%d %H:%M}")


def _alternative(one: Found, load: Load, service: str) -> dict[str, object]:
    return {
        "id": one.hall.id,
        "names": one.hall.names,
        "distance_m": round(one.distance_m or 0.0),
        "head_count": load.head_count,
        "capacity": one.hall.capacity,
        "waiting": load.waiting.get(service, 0),
        "estimate": load.estimates.get(service),
    }


def _ranks(hall: Hall, wish: TakeNumber, *, confirmed: bool) -> tuple[str | None, str | None]:
    """The class that the ticket ranks as (None: everybody's), and the one that is only claimed.

    Raises InvalidError for what the hall does not offer.
    """
    check_services(hall, [wish.service], field="service")
    check_services(hall, wish.then, field="then")
    if wish.class_ is None or wish.class_ == hall.rules.classes[0]:
        return None, None
    check_class(hall, wish.class_)
    return (wish.class_, None) if confirmed else (None, wish.class_)

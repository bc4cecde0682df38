"""The desks of all places in this process, and the way a verb goes through one."""

from typing import Any

from redis.exceptions import RedisError

from halls.stock.errors import refused
from halls.stock.inspection import Difference, differences
from halls.stock.places import Places
from halls.stock.queries import PlaceSnapshot
from halls.stock.store import PlaceStore, unsettled
from o2o.kernel.attempts import Attempt
from o2o.kernel.audit import place_tag
from o2o.kernel.clock import Clock, to_ms
from o2o.kernel.database import transaction
from o2o.kernel.desk import Desk
from o2o.kernel.errors import UnavailableError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Entry, Refusal
from o2o.kernel.ledger import Ledger
from o2o.kernel.models import Fence
from o2o.kernel.redis import RedisPair
from o2o.kernel.statements import make_fence
from o2o.kernel.together import Together


class Desks:
    def __init__(self, places: Places, redis: RedisPair, ledger: Ledger, clock: Clock) -> None:
        self.places = places
        self.clock = clock
        self._redis = redis
        self._together = Together(redis.mutate)
        self._ledger = ledger
        self._desks: dict[str, Desk[PlaceSnapshot]] = {}

    async def submit(self, place: str, verb: str, args: dict[str, Any], attempt: Attempt) -> Entry | Refusal:
        """Carry out a verb at a place. Raises PlaceNotFoundError, UnavailableError, IdempotencyKeyReusedError."""
        return await (await self.desk(place)).submit(attempt.command(verb, args))

    async def act(self, place: str, verb: str, args: dict[str, Any], attempt: Attempt) -> Entry:
        """As `submit`, with a refusal raised as its error."""
        answer = await self.submit(place, verb, args, attempt)
        if isinstance(answer, Refusal):
            raise refused(answer.code, answer.details, to_ms(self.clock()))
        return answer

    async def desk(self, place: str) -> Desk[PlaceSnapshot]:
        """The place's desk. Raises PlaceNotFoundError."""
        if place not in self._desks:
            await self.places.get(place)
            if not await Fence.filter(tag=place_tag(place)).exists():  # The release before made the hall.
                await transaction(lambda client: make_fence(client, place_tag(place)))
            store = PlaceStore(place, self._redis, self._together, self.clock)
            self._desks.setdefault(place, Desk(store, self._ledger))
        return self._desks[place]

    async def unsettled(self) -> list[str]:
        """Where something waits that its process has left. Raises UnavailableError."""
        try:
            return await unsettled(self._redis, to_ms(self.clock()))
        except (RedisError, OSError) as error:
            raise _unseen() from error

    async def differences(self, place: str) -> list[Difference]:
        """What Redis and SQL count differently at the place. Raises UnavailableError."""
        try:
            return await differences(self._redis.read, place)
        except (RedisError, OSError) as error:
            raise _unseen() from error

    async def close(self) -> None:
        """Finish what is under way at every desk."""
        for desk in self._desks.values():
            await desk.close()


def _unseen() -> UnavailableError:
    return UnavailableError(_("Stock can't be looked at just now."), retry_after=1)

"""The desk of one tag: every command for it goes through here, a batch at a time.

    batch → one script decides (Redis) → the ledger commits (SQL) → announce, answer

While a batch is committed the next one is decided, and then lies at the ledger already. They are committed one after
the other; when one could not be, the one behind it is decided again. The desk also ends epochs and rebuilds (rules 1 to
5 of the protocol, docs/architecture.md).
"""

import asyncio
import contextlib
import logging
import random
from time import monotonic
from typing import Final, Generic, NamedTuple

from redis.exceptions import RedisError

from o2o.kernel.announcing import Announcer, Upto
from o2o.kernel.asking import Ask, answered, answering, limited, unknown
from o2o.kernel.deciding import S, Store
from o2o.kernel.errors import ConflictError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Command, Decision, Entry, Known, Refusal, Stale
from o2o.kernel.ledger import FencedError, Ledger, OvertakenError, RefusedError, Share
from o2o.kernel.telling import Outlived, tell_outcomes

BATCH: Final = 256
ATTEMPTS: Final = 8
LOADING_S: Final = 2.0  # For so long nobody else loads what a process has begun to load, which may have died.
BACKOFF_S: Final = 0.03  # Doubled from the third attempt on: eight wait 4 to 8 s in all.
UNDER_WAY: Final = 2  # Batches at the ledger: one is being committed, the other one was decided meanwhile.
TOGETHER: Final = 8  # So many are never parted into batches.

log = logging.getLogger(__name__)


class _Decided(NamedTuple):
    """A script's answer, and what the desk knew when it asked."""

    known: Known
    answer: Decision | Stale


class _Early(NamedTuple):
    """Decided while others are under way: `share` lies at the ledger, `before` finishes the batch before it."""

    decided: _Decided
    share: Share | None
    before: asyncio.Task[None] | None


class ConflictingChangeError(ConflictError):
    code = "conflict"


class Desk(Generic[S]):
    def __init__(self, store: Store[S], ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger
        self._announcer = Announcer(store)
        self._outlived = Outlived()
        self._epoch = 0
        self._loading_until = float("-inf")
        self._committed = 0
        self._seen = 0
        self._given = 0  # The ledger has all entries up to this version, in their order.
        self._last: Share | None = None
        self._asks: list[Ask] = []
        self._under_way: list[int] = []  # How many ask in each batch that is being finished.
        self._changed = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self._finishing: asyncio.Task[None] | None = None

    async def submit(self, command: Command) -> Entry | Refusal:
        """Carry out one command; return its committed entry, or why it was refused.

        Raises UnavailableError when the outcome is unknown, after ANSWER_S at most: the same operation id settles it;
        IdempotencyKeyReusedError when the operation id was another request's.
        """
        await self._ledger.ensure_up()
        ask = Ask(command)
        limit = limited(ask)
        try:
            if await self._outlived.told_again(ask):
                return answered(command, await ask.answer)
            return answered(command, await self._ask(ask))
        finally:
            limit.cancel()

    async def sweep(self) -> None:
        """Commit and announce what a dead process left behind (rule 5); rebuild what Redis has lost."""
        await self._ledger.ensure_up()
        await self._ask(Ask(None))

    async def rebuild(self) -> int:
        """End the epoch on request (`o2o rebuild`); returns the epoch then in force."""
        await self._ask(Ask(None))
        decided = await self._decide([], self._committed)
        await self._renew(decided.answer.server, 0)
        return self._epoch

    async def announced(self) -> None:
        """Wait until what was committed here is announced, for a moment at most."""
        await self._announcer.done()

    async def close(self) -> None:
        """Finish what is under way: the runner begins the last batch, which may begin the announcer."""
        while running := self._runner or self._finishing or self._announcer.running:
            await running

    async def _ask(self, ask: Ask) -> Entry | Refusal | None:
        self._asks.append(ask)
        self._changed.set()
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await ask.answer

    async def _run(self) -> None:
        """Decide batch after batch, each while the one before is being finished."""
        try:
            while self._asks:
                await self._gather()
                batch = self._take()
                with answering(batch, self._store.tag):
                    decided = await self._decide(batch, self._seen)
                    early = _Early(decided, self._put_in_turn(decided), self._finishing)
                    self._under_way.append(len(batch))
                    if not self._asks:  # Then this task finishes it, and who comes meanwhile begins another runner.
                        self._runner, self._finishing = None, asyncio.current_task()
                        await self._finish(batch, early)
                        return
                    self._finishing = asyncio.create_task(self._finish(batch, early))
        finally:
            if self._runner is asyncio.current_task():
                self._runner = None

    async def _gather(self) -> None:
        """Wait for as many as are under way, or until those are finished: who came alone would wait for them too."""
        while len(self._under_way) == UNDER_WAY or len(self._asks) < sum(self._under_way):
            self._changed.clear()
            await self._changed.wait()

    def _take(self) -> list[Ask]:
        """Half of all who are waiting for answers, so that both stages have some.

        Who takes everybody has them come back together: soon all are in one batch, and one of two stages rests.
        """
        share = -(-(len(self._asks) + sum(self._under_way)) // 2)
        size = min(max(share, TOGETHER), BATCH)
        batch, self._asks = self._asks[:size], self._asks[size:]
        return batch

    async def _finish(self, batch: list[Ask], early: _Early) -> None:
        try:
            with answering(batch, self._store.tag):
                await self._serve(batch, early)
        finally:
            self._under_way.remove(len(batch))
            self._changed.set()
            if self._finishing is asyncio.current_task():
                self._finishing = None

    async def _serve(self, batch: list[Ask], early: _Early) -> None:
        """Commit and answer the batch; decide it again where Redis had not loaded it or it does not hold (`_holds`)."""
        decided, refused_once = early.decided, False
        if written := await self._written_in_turn(early):
            await self._settle(batch, decided.known, written)
            return
        for attempt in range(ATTEMPTS):
            if attempt or isinstance(decided.answer, Stale) or not self._holds(decided.known):
                decided = await self._decide(batch, self._committed)
            decision = decided.answer
            if isinstance(decision, Stale):
                await self._after_stale(decision.server, attempt)
                continue
            try:
                await self._put(decided.known.epoch, decision).done
            except FencedError as fenced:
                self._adopt_from_another(fenced.epoch)
                continue
            except RefusedError:
                batch = await self._after_a_refused_commit(batch, decision.server, again=refused_once)
                refused_once = True
                continue
            await self._settle(batch, decided.known, decision)
            return
        raise unknown()

    async def _written_in_turn(self, early: _Early) -> Decision | None:
        """What was decided early, when it is committed; if not, no batch before it is under way any more."""
        if early.share and isinstance(early.decided.answer, Decision):
            with contextlib.suppress(OvertakenError, FencedError, RefusedError):
                await early.share.done
                return early.decided.answer
        if early.before:
            await asyncio.wait({early.before})
        return None

    def _put_in_turn(self, decided: _Decided) -> Share | None:
        """Give the ledger what was decided, to be written after what it has of us; None where something is missing."""
        known, answer = decided
        if isinstance(answer, Stale) or known.epoch != self._epoch or known.seen > self._given:
            return None
        return self._put(known.epoch, answer, self._last)

    def _put(self, epoch: int, decision: Decision, after: Share | None = None) -> Share:
        self._given = decision.version
        self._last = self._ledger.put(self._store.tag, epoch, decision.entries, after)
        return self._last

    async def _decide(self, batch: list[Ask], seen: int) -> _Decided:
        """`seen`: the desk has been given all entries up to this version, and finishes them first."""
        known = Known(self._epoch, self._committed, seen)
        try:
            answer = await self._store.decide(known, [ask.command for ask in batch if ask.command])
        except (RedisError, OSError) as error:
            log.warning("redis_did_not_answer", extra={"tag": self._store.tag, "error": repr(error)})
            raise unknown() from error
        if isinstance(answer, Decision) and known.epoch == self._epoch:
            self._seen = max(self._seen, answer.version)
            self._loading_until = float("-inf")
        return _Decided(known, answer)

    def _holds(self, known: Known) -> bool:
        """Whether what was decided early is the next to commit: all before it was committed, in the same epoch."""
        return known.epoch == self._epoch and known.seen <= self._committed

    async def _after_stale(self, server: str, attempt: int) -> None:
        """Begin a new epoch, unless another process has just begun this one, or the tag is elsewhere by now."""
        while monotonic() < self._loading_until:
            await asyncio.sleep(BACKOFF_S)
            await self._follow()
            if await self._moved() or await self._is_loaded():
                return
        if not (attempt and await self._moved()):
            await self._renew(server, attempt)

    async def _follow(self) -> None:
        """Take over the epoch in force, if it is a newer one: the load that we wait for may have been lost as well."""
        try:
            await self._ledger.commit(self._store.tag, self._epoch, ())
        except FencedError as fenced:
            self._adopt_from_another(fenced.epoch)

    async def _is_loaded(self) -> bool:
        return isinstance((await self._decide([], self._committed)).answer, Decision)

    async def _moved(self) -> bool:
        """Whether the tag is on another server by now: then that one is asked before anything is loaded here again."""
        with contextlib.suppress(RedisError, OSError):
            return await self._store.moved()
        return False

    async def _renew(self, server: str, attempt: int) -> None:
        """Rule 4: a new epoch, loaded on the server that said STALE; or the epoch that another process began."""
        if attempt > 1:
            await asyncio.sleep(BACKOFF_S * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - jitter, no secret
        failed = self._epoch
        epoch, snapshot = await self._ledger.end_epoch(self._store.tag, failed, self._store.read)
        if snapshot is None:
            if failed:
                self._adopt_from_another(epoch)
            else:
                self._adopt(epoch, 0)  # Nobody knows how long ago it was begun.
            return
        try:
            loaded = await self._store.load(epoch, server, snapshot)
        except (RedisError, OSError) as error:
            log.warning("load_unanswered", extra={"tag": self._store.tag, "epoch": epoch, "error": repr(error)})
            loaded = False
        log.info("epoch_begun", extra={"tag": self._store.tag, "epoch": epoch, "loaded": loaded})
        self._adopt(epoch, snapshot.version if loaded else 0)

    def _adopt(self, epoch: int, committed: int) -> None:
        self._epoch = epoch
        self._committed = self._seen = self._given = committed
        self._last = None

    def _adopt_from_another(self, epoch: int) -> None:
        """Leave whoever has just begun it time to load; if we began another, they would have to, and so on."""
        self._adopt(epoch, 0)
        self._loading_until = monotonic() + LOADING_S

    async def _after_a_refused_commit(self, batch: list[Ask], server: str, *, again: bool) -> list[Ask]:
        """Rule 3: end the epoch; who is in SQL already gets that answer; the others try once more, then a conflict."""
        await self._renew(server, 0)
        rest = [ask for ask in batch if not await self._outlived.told(ask)]
        if again:
            raise ConflictingChangeError(_("Another change was made at the same moment. Please try again."))
        return rest

    async def _settle(self, batch: list[Ask], known: Known, decision: Decision) -> None:
        if known.epoch == self._epoch:
            self._committed = max(self._committed, decision.version)
            self._announcer.soon(Upto(self._epoch, self._committed))
        if not await tell_outcomes(self._store.tag, batch, decision) and known.epoch == self._epoch:
            await self._renew(decision.server, 0)

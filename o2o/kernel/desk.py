"""The desk of one tag: every command for it goes through here, a batch at a time.

    batch → one script decides (Redis) → the ledger commits (SQL) → announce, answer

While a batch is committed the next one is decided already, and committed after it; when the first could not be
committed, the next is decided again. The desk also ends epochs and rebuilds (rules 1 to 5 of the protocol,
docs/architecture.md).
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final, Generic, NamedTuple

import msgspec
from redis.exceptions import RedisError

from o2o.kernel.asking import Ask, fail, limited, tell, unknown
from o2o.kernel.deciding import S, Store
from o2o.kernel.errors import ConflictError, DomainError
from o2o.kernel.i18n import _
from o2o.kernel.journal import Command, Decision, Entry, Known, Refusal, Stale
from o2o.kernel.ledger import FencedError, Ledger, RefusedError, stored_event

BATCH: Final = 256
ATTEMPTS: Final = 8
LOADING_S: Final = 2.0  # For so long nobody else loads what a process has begun to load, which may have died.
BACKOFF_S: Final = 0.03  # Doubled from the third attempt on: eight wait 4 to 8 s in all.
ANNOUNCED_S: Final = 1.0  # A page is shown a moment old rather than not at all.

log = logging.getLogger(__name__)


class _Decided(NamedTuple):
    """A script's answer, and what the desk knew when it asked."""

    known: Known
    answer: Decision | Stale


class ConflictingChangeError(ConflictError):
    code = "conflict"


class Desk(Generic[S]):
    def __init__(self, store: Store[S], ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger
        self._epoch = 0
        self._loading_until = float("-inf")
        self._committed = 0
        self._seen = 0
        self._asks: list[Ask] = []
        self._runner: asyncio.Task[None] | None = None
        self._finishing: asyncio.Task[None] | None = None
        self._announcer: asyncio.Task[None] | None = None

    async def submit(self, command: Command) -> Entry | Refusal:
        """Carry out one command; return its committed entry, or why it was refused.

        Raises UnavailableError when the outcome is unknown, after ANSWER_S at most: the same operation id settles it.
        """
        await self._ledger.ensure_up()
        ask = Ask(command)
        limit = limited(ask)
        try:
            answer = await self._ask(ask)
        finally:
            limit.cancel()
        if answer is None:
            message = "a command was answered like a sweep"
            raise AssertionError(message)
        return answer

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
        """Wait until what was committed here is announced, for a moment at most: who has done something looks at it."""
        if self._announcer:
            await asyncio.wait({self._announcer}, timeout=ANNOUNCED_S)

    async def close(self) -> None:
        """Finish what is under way: the runner begins the last batch, which may begin the announcer."""
        while running := self._runner or self._finishing or self._announcer:
            await running

    async def _ask(self, ask: Ask) -> Entry | Refusal | None:
        self._asks.append(ask)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await ask.answer

    async def _run(self) -> None:
        """Decide batch after batch, each while the one before is being finished."""
        try:
            while self._asks:
                batch, self._asks = self._asks[:BATCH], self._asks[BATCH:]
                with self._answering(batch):
                    decided = await self._decide(batch, self._seen)
                    if self._finishing is not None:
                        await self._finishing
                    self._finishing = asyncio.create_task(self._finish(batch, decided))
        finally:
            self._runner = None

    async def _finish(self, batch: list[Ask], decided: _Decided) -> None:
        try:
            with self._answering(batch):
                await self._serve(batch, decided)
        finally:
            self._finishing = None

    @contextmanager
    def _answering(self, batch: list[Ask]) -> Iterator[None]:
        """Nobody of the batch is left waiting, whatever goes wrong."""
        try:
            yield
        except DomainError as error:
            fail(batch, error)
        except Exception:
            log.exception("desk_failed", extra={"tag": self._store.tag})
            fail(batch, unknown())

    async def _serve(self, batch: list[Ask], decided: _Decided) -> None:
        """What was decided early is decided again where it does not hold, or was not loaded then: it may be by now."""
        refused_once = False
        for attempt in range(ATTEMPTS):
            if attempt or isinstance(decided.answer, Stale) or not self._holds(decided.known):
                decided = await self._decide(batch, self._committed)
            decision = decided.answer
            if isinstance(decision, Stale):
                await self._after_stale(decision.server, attempt)
                continue
            try:
                await self._ledger.commit(self._store.tag, decided.known.epoch, decision.entries)
            except FencedError as fenced:
                self._adopt_from_another(fenced.epoch)
                continue
            except RefusedError:
                batch = await self._after_a_refused_commit(batch, decision.server, again=refused_once)
                refused_once = True
                continue
            await self._settle(batch, decision)
            return
        raise unknown()

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
            if await self._moved() or await self._is_loaded():
                return
        if not (attempt and await self._moved()):
            await self._renew(server, attempt)

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
        self._committed = self._seen = committed

    def _adopt_from_another(self, epoch: int) -> None:
        """Whoever began it a moment ago may still be loading it; if we began another, they would have to, and so on."""
        self._adopt(epoch, 0)
        self._loading_until = monotonic() + LOADING_S

    async def _after_a_refused_commit(self, batch: list[Ask], server: str, *, again: bool) -> list[Ask]:
        """Rule 3: end the epoch; who is in SQL already gets that answer; the others try once more, then a conflict."""
        await self._renew(server, 0)
        rest = []
        for ask in batch:
            stored = await stored_event(ask.command.op) if ask.command else None
            if stored:
                tell(ask, msgspec.json.decode(stored, type=Entry))
            else:
                rest.append(ask)
        if again:
            raise ConflictingChangeError(_("Another change was made at the same moment. Please try again."))
        return rest

    async def _settle(self, batch: list[Ask], decision: Decision) -> None:
        self._committed = max(self._committed, decision.version)
        self._announce_soon()
        asked = [ask for ask in batch if ask.command]
        by_op = {entry.op: entry for entry, _ in decision.entries}
        for ask, outcome in zip(asked, decision.outcomes, strict=True):
            if outcome.refused is not None:
                tell(ask, outcome.refused)
            elif outcome.failed is not None:
                log.error("script_failed", extra={"tag": self._store.tag, "error": outcome.failed})
                fail([ask], unknown())
            elif ask.command and (entry := by_op.get(ask.command.op)):
                tell(ask, entry)
            elif ask.command:
                await self._tell_stored(ask, ask.command.op)
        for ask in batch:
            if ask.command is None:
                tell(ask, None)
        if any(outcome.failed for outcome in decision.outcomes):
            await self._renew(decision.server, 0)  # A script that broke off may have written half: start from SQL.

    async def _tell_stored(self, ask: Ask, op: str) -> None:
        """An operation that Redis knows and the journal has no more is committed: SQL has its answer."""
        stored = await stored_event(op)
        if stored is None:
            fail([ask], unknown())
        else:
            tell(ask, msgspec.json.decode(stored, type=Entry))

    def _announce_soon(self) -> None:
        """Announce without keeping the answers waiting; one announcement of a tag at a time."""
        if self._announcer is None:
            self._announcer = asyncio.create_task(self._announce())

    async def _announce(self) -> None:
        try:
            done: tuple[int, int] | None = None
            while done != (self._epoch, self._committed):
                done = (self._epoch, self._committed)
                await self._store.announce(*done)
        except (RedisError, OSError) as error:  # The next batch or the worker's sweep announces it.
            log.warning("announcement_failed", extra={"tag": self._store.tag, "error": repr(error)})
        finally:
            self._announcer = None

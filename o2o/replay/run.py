"""A whole run: make the halls, let people watch, play the days, look at everything, judge."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from o2o.replay.client import RefusedError, Service
from o2o.replay.figures import Figures
from o2o.replay.history import Final as FinalTicket
from o2o.replay.history import History
from o2o.replay.journal import Journal
from o2o.replay.judge import judge
from o2o.replay.own import own_service
from o2o.replay.pace import Pace
from o2o.replay.places import Place, places_of
from o2o.replay.plan import Shares, plan_queue
from o2o.replay.player import LinePlayer, Seat, Stage, fictional_phones
from o2o.replay.record import read_record
from o2o.replay.recording import Recording, RecordingError, read_recording
from o2o.replay.report import Report, Setting
from o2o.replay.selection import select_days
from o2o.replay.watch import DisplayWatch, PhoneWatch, pair_display

PHONES: Final = 10

Say = Callable[[str], None]


class HallInUseError(Exception):
    """Somebody is in the hall already, so that nothing could be said about who is called when."""

    def __init__(self, hall: str, people: int) -> None:
        super().__init__(
            f"{hall} still has {people} people of an earlier run. Let their day end, or play without --url."
        )


@dataclass(frozen=True, slots=True)
class Options:
    """`speed` None plays as fast as the service bears.

    Without `url` the run starts a service of its own, with so many `workers`, over `database` or a file of its own.
    """

    file: Path
    services: Path | None = None
    halls: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    url: str | None = None
    database: str | None = None
    workers: int = 1
    username: str = "hq"
    password: str = "demo-password"  # noqa: S105 - the demo's, which it prints at its start
    seed: int = 1
    speed: float | None = None
    at_once: int = 32
    shares: Shares = field(default_factory=Shares)


async def replay(options: Options, *, say: Say) -> Report:
    """Play the chosen days. Raises RecordingError, HallInUseError, RefusedError, UnreachableError."""
    recording = await asyncio.to_thread(read_recording, options.file, options.services)
    days = select_days(recording.days, options.halls, options.dates)
    places = places_of([plan_queue(day, seed=options.seed, shares=options.shares) for day in days])
    if not any(line.plan.acts for place in places for line in place.lines):
        raise RecordingError("Nobody comes on the days that were chosen. Choose others by --hall and --date.")
    say(f"{len(recording.left_out)} queues' days left out, {len(days)} played in {len(places)} halls")
    async with _service(options, say) as (service, database):
        await service.sign_in(options.username, options.password)
        return await _Run(service, options, recording, places, database).play(say)


@asynccontextmanager
async def _service(options: Options, say: Say) -> AsyncIterator[tuple[Service, str | None]]:
    if options.url is None:
        say("starting a service for this run")
        async with own_service(options.database, options.workers) as own, _client(own.url, options) as service:
            yield service, own.database
    else:
        async with _client(options.url.rstrip("/"), options) as service:
            yield service, None


@asynccontextmanager
async def _client(url: str, options: Options) -> AsyncIterator[Service]:
    service = Service(url, at_once=options.at_once)
    try:
        yield service
    finally:
        await service.close()


class _Run:
    def __init__(
        self, service: Service, options: Options, recording: Recording, places: Sequence[Place], database: str | None
    ) -> None:
        self._service = service
        self._options = options
        self._recording = recording
        self._places = places
        self._database = database
        self._journal = Journal()
        self._displays: list[DisplayWatch] = []
        self._phones: list[PhoneWatch] = []
        self._watched: set[Seat] = set()
        self._figures = Figures()
        self._watchers: list[asyncio.Task[None]] = []

    async def play(self, say: Say) -> Report:
        try:
            for place in self._places:
                say(f"making {place.id}")
                await self._make(place)
            say("playing")
            # Only the playing is measured, not the making before it and the looking after it.
            self._figures = self._service.figures = Figures()
            begun = perf_counter()
            await self._play_lines()
            seconds, self._service.figures = perf_counter() - begun, Figures()
            say("comparing")
            history = await self._look()
        finally:
            for watcher in self._watchers:
                watcher.cancel()
            await asyncio.gather(*self._watchers, return_exceptions=True)
        return self._report(history, seconds)

    async def _make(self, place: Place) -> None:
        hall = await self._service.send("PUT", f"/halls/{place.id}", place.body)
        if hall["head_count"]:
            raise HallInUseError(place.id, hall["head_count"])
        token = await pair_display(self._service, place.id)
        display = DisplayWatch(self._service.base_url, place.id, token)
        self._displays.append(display)
        self._watchers.append(asyncio.create_task(display.watch()))
        # The hall's making is its first version.
        await display.reach(1)

    async def _play_lines(self) -> None:
        first = min(act.at for place in self._places for line in place.lines for act in line.plan.acts[:1])
        self._watched = self._choose_watched()
        stage = Stage(self._service, self._journal, Pace(self._options.speed, first), self._watch_phone)
        lines = []
        for place in self._places:
            phones = fictional_phones()
            lines += [LinePlayer(stage, place, line, phones).play() for line in place.lines]
        await _all_or_first_error(lines)

    def _choose_watched(self) -> set[Seat]:
        everybody = [
            (place.id, line.service, who)
            for place in self._places
            for line in place.lines
            for who in range(len(line.plan.people))
        ]
        # Seeded, so that a run can be repeated; nothing secret hangs on it.
        chance = random.Random(self._options.seed)  # noqa: S311
        return set(chance.sample(everybody, min(PHONES, len(everybody))))

    def _watch_phone(self, seat: Seat, ticket: Mapping[str, Any]) -> None:
        if seat in self._watched:
            phone = PhoneWatch(self._service.base_url, ticket)
            self._phones.append(phone)
            self._watchers.append(asyncio.create_task(phone.watch()))

    async def _look(self) -> History:
        fresh = {}
        for display in self._displays:
            version, fresh[display.screen.hall] = await display.fresh()
            await display.reach(version)
            await asyncio.gather(*(phone.reach(version) for phone in self._phones if phone.hall == display.screen.hall))
        finals = await asyncio.gather(*(self._final(*item) for item in self._journal.tokens.items()))
        record = await read_record(self._database) if self._database else None
        return History(
            acks=self._journal.acks,
            finals=dict(zip(self._journal.tokens, finals, strict=True)),
            screens=[display.leave() for display in self._displays],
            fresh=fresh,
            phones=[watch.phone for watch in self._phones],
            record=record,
        )

    async def _final(self, ticket: str, token: str) -> FinalTicket | None:
        try:
            found = await self._service.get(f"/tickets/{ticket}", token=token)
        except RefusedError as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return FinalTicket(found["number"], found["state"], found["version"], found["hall"], found["service"])

    def _report(self, history: History, seconds: float) -> Report:
        queues = [line for place in self._places for line in place.lines]
        played = {(line.plan.day.hall, line.plan.day.date) for line in queues}
        setting = Setting(
            url=self._service.base_url,
            halls=tuple(place.id for place in self._places),
            queues=len(queues),
            left_out=tuple(one for one in self._recording.left_out if (one.hall, one.date) in played),
            people=sum(len(line.plan.people) for line in queues),
            seed=self._options.seed,
            speed=self._options.speed,
            shares=self._options.shares,
        )
        return Report(
            setting=setting,
            history=history,
            verdict=judge(history),
            figures=self._figures,
            seconds=seconds,
            refused=tuple(self._journal.refusals),
            unmet=tuple(self._journal.unmet),
        )


async def _all_or_first_error(plays: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run them all; when one fails the others are stopped, and its own error is raised rather than a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for play in plays:
                group.create_task(play)
    except BaseExceptionGroup as failed:
        error: BaseException = failed
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from failed

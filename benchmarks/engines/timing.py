"""Clients of one service that each ask one thing after the other, and how long their answers took."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Final

import msgspec

from benchmarks.bench import Bench
from benchmarks.figures import percentile
from benchmarks.load import Script, play, poster

MS: Final = 1_000


class _Called(msgspec.Struct):
    id: str


_called = msgspec.json.Decoder(_Called)


@dataclass(frozen=True, slots=True)
class Seen:
    """Answers a second, and how long they took."""

    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(slots=True)
class Clients:
    """So many of one sort, for so long."""

    seconds: float
    took: list[float] = field(default_factory=list)

    def asking(self, make: Callable[[], bytes], clients: int) -> list[Script]:
        return [self._asking(make) for _ in range(clients)]

    def calling(self, bench: Bench, counters: list[str]) -> list[Script]:
        """Clerks who call and note as absent whoever was called; only the calls are timed."""
        return [self._calling(counter, bench.token) for counter in counters]

    def seen(self) -> Seen:
        """What they saw once they have been played."""
        p50, p99 = (MS * percentile(self.took, percent) for percent in (50, 99))
        return Seen(len(self.took) / self.seconds, p50, p99)

    def _asking(self, make: Callable[[], bytes]) -> Script:
        for begun in self._moments():
            yield make()
            self.took.append(perf_counter() - begun)

    def _calling(self, counter: str, token: str) -> Script:
        call = poster(f"/api/v1/counters/{counter}/calls", token=token)
        for begun in self._moments():
            body = yield call()
            if not body:
                continue  # Nobody waits.
            self.took.append(perf_counter() - begun)
            yield poster(f"/api/v1/tickets/{_called.decode(body).id}/no-show", token=token)()

    def _moments(self) -> Iterator[float]:
        end = perf_counter() + self.seconds
        while (now := perf_counter()) < end:
            yield now


async def asked(bench: Bench, make: Callable[[], bytes], clients: int, seconds: float) -> Seen:
    group = Clients(seconds)
    await play(bench.port, group.asking(make, clients), accepted=(b"2", b"409"))
    return group.seen()


async def called(bench: Bench, counters: list[str], seconds: float) -> Seen:
    """Answers that brought somebody: enough people should wait."""
    group = Clients(seconds)
    await play(bench.port, group.calling(bench, counters))
    return group.seen()


def medians(rounds: list[Seen]) -> Seen:
    rates, p50s, p99s = zip(*((one.per_second, one.p50_ms, one.p99_ms) for one in rounds), strict=True)
    return Seen(median(rates), median(p50s), median(p99s))

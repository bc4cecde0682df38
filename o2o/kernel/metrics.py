"""What Prometheus reads of HTTP: requests, their time, and refusals. Others count where they act."""

import os
from functools import cache
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

SHARED_FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own variable: where it is set before the library is imported, figures are kept in files there."""

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_requests = Counter("o2o_http_requests", "Answered requests", ("route", "method", "status"))
_seconds = Histogram("o2o_http_seconds", "Time to the end of the answer", ("route",), buckets=_BUCKETS)
_refusals = Counter("o2o_refusals", "Refusals by their code", ("code",))


def answered(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer. `route` is the template: an address would make a series of its own."""
    _counter(route, method, status).inc()
    _histogram(route).observe(seconds)


def refused(code: str) -> None:
    """Count one refusal."""
    _refusal(code).inc()


# Finding a labelled child takes longer than counting; there are as many as routes, methods and statuses.
@cache
def _counter(route: str, method: str, status: int) -> Counter:
    return _requests.labels(route, method, status)


@cache
def _histogram(route: str) -> Histogram:
    return _seconds.labels(route)


@cache
def _refusal(code: str) -> Counter:
    return _refusals.labels(code)


def exposition() -> bytes:
    """The figures as Prometheus reads them: this process's own, or those of all that serve together."""
    if SHARED_FIGURES not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    return generate_latest(registry)


def forget_the_dead() -> None:
    """What a dead process had open is open no more; what it counted stays counted."""
    for file in Path(os.environ.get(SHARED_FIGURES, os.devnull)).glob("gauge_*_*.db"):
        process = int(file.stem.rpartition("_")[2])
        if not _lives(process):
            mark_process_dead(process)  # type: ignore[no-untyped-call]  # as above


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True

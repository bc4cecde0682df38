"""What Prometheus reads of HTTP: requests, their time, and refusals. Others count where they act."""

from functools import cache
from typing import Final

from prometheus_client import Counter, Histogram

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_requests = Counter("o2o_http_requests", "Answered requests", ("route", "method", "status"))
_seconds = Histogram("o2o_http_seconds", "Time to the end of the answer", ("route",), buckets=_BUCKETS)
refusals = Counter("o2o_refusals", "Refusals by their code", ("code",))


def answered(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer. `route` is the template: an address would make a series of its own."""
    _counter(route, method, status).inc()
    _histogram(route).observe(seconds)


# Finding a labelled child takes longer than counting; there are as many as routes, methods and statuses.
@cache
def _counter(route: str, method: str, status: int) -> Counter:
    return _requests.labels(route, method, status)


@cache
def _histogram(route: str) -> Histogram:
    return _seconds.labels(route)

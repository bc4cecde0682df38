"""What every benchmark is given: the service under load, the bare app beside it, and a way to say how far it is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.servers import bare_service
from o2o.replay.client import Service
from o2o.replay.own import own_service

PASSWORD: Final = "demo-password"  # noqa: S105  # the demo's, which the demo prints


@dataclass(frozen=True, slots=True)
class Bench:
    """`port` is the service's, `bare` the bare app's; `hq` is signed in as headquarters. `advance` counts a round."""

    port: int
    bare: int
    hq: Service
    advance: Callable[[], None]

    @property
    def token(self) -> str:
        return self.hq.token

    async def make_hall(self, hall: str, counters: int) -> None:
        await self.hq.send("PUT", f"/halls/{hall}", _description(hall, counters))


@asynccontextmanager
async def started(advance: Callable[[], None]) -> AsyncIterator[Bench]:
    """Start a service and the bare app; both are gone afterwards."""
    with TemporaryDirectory(prefix="o2o-bench-") as folder:
        async with own_service() as service, bare_service(folder) as bare:
            hq = Service(service.url)
            try:
                await hq.sign_in("hq", PASSWORD)
                yield Bench(urlsplit(service.url).port or 0, bare, hq, advance)
            finally:
                await hq.close()


def _description(hall: str, counters: int) -> dict[str, Any]:
    return {
        "name": hall,
        "lat": 39.1162,
        "lon": 117.2084,
        "capacity": None,
        "services": [{"id": "sim", "prefix": "A", "name": "SIM cards"}],
        "counters": [{"id": f"{hall}-{n}", "name": str(n)} for n in range(1, counters + 1)],
    }

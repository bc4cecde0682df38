"""What every benchmark is given: the service under load, the bare app beside it, and a way to say how far it is."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from httpx2 import AsyncClient

from benchmarks.servers import bare_service
from o2o.replay.own import own_service

PASSWORD: Final = "demo-password"  # noqa: S105  # the demo's, which the demo prints


@dataclass(frozen=True, slots=True)
class Bench:
    """`port` is the service's, `bare` the bare app's; `hq` has headquarters' `token`. `advance` counts a round."""

    port: int
    bare: int
    hq: AsyncClient
    token: str
    advance: Callable[[], None]

    async def make_hall(self, hall: str, counters: int) -> None:
        await self.send("PUT", f"/halls/{hall}", _description(hall, counters))

    async def send(self, method: str, path: str, body: Any) -> None:
        headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
        answer = await self.hq.request(method, f"/api/v1{path}", json=body, headers=headers)
        answer.raise_for_status()


@asynccontextmanager
async def started(advance: Callable[[], None]) -> AsyncIterator[Bench]:
    """Start a service and the bare app; both are gone afterwards."""
    with TemporaryDirectory(prefix="o2o-bench-") as folder:
        async with (
            own_service() as service,
            bare_service(folder) as bare,
            AsyncClient(base_url=service.url, trust_env=False, timeout=30) as hq,
        ):
            answer = await hq.post("/api/v1/session", json={"username": "hq", "password": PASSWORD})
            token = answer.raise_for_status().json()["token"]
            hq.headers["Authorization"] = f"Bearer {token}"
            yield Bench(urlsplit(service.url).port or 0, bare, hq, token, advance)


def _description(hall: str, counters: int) -> dict[str, Any]:
    return {
        "name": hall,
        "lat": 39.1162,
        "lon": 117.2084,
        "capacity": None,
        "services": [{"id": "sim", "prefix": "A", "name": "SIM cards"}],
        "counters": [{"id": f"{hall}-{n}", "name": str(n)} for n in range(1, counters + 1)],
    }

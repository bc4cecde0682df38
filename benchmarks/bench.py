"""What most benchmarks begin with: the service under load, and the bare app beside it."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from httpx2 import AsyncClient

from benchmarks.load import poster, send_all
from benchmarks.servers import Server, bare_service
from o2o.replay.own import DEFAULTS, OwnService, own_service

PASSWORD: Final = "demo-password"  # noqa: S105  # the demo's, which the demo prints
AT_ONCE: Final = 8
HEPING: Final = (39.1162, 117.2084)


@dataclass(frozen=True, slots=True)
class Bench:
    """`port` is the service's; `hq` has headquarters' `token`."""

    service: OwnService
    port: int
    bare_app: Server
    hq: AsyncClient
    token: str

    @property
    def bare(self) -> int:
        """The bare app's port."""
        return self.bare_app.port

    @property
    def sqlite(self) -> Path:
        """The file of the service's database."""
        return Path(self.service.database.removeprefix("sqlite://"))

    async def make_hall(self, hall: str, counters: int = 1, at: tuple[float, float] = HEPING) -> None:
        described = _description(hall, counters) | {"lat": at[0], "lon": at[1], "province": "tianjin"}
        await self.send("PUT", f"/halls/{hall}", described)

    async def send(self, method: str, path: str, body: Any) -> Any:
        headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
        answer = await self.hq.request(method, f"/api/v1{path}", json=body, headers=headers)
        return answer.raise_for_status().json()

    async def take_numbers(self, hall: str, count: int) -> list[dict[str, Any]]:
        """Tickets of the hall, each with the token of its owner."""
        make = taking(hall)
        bodies = await send_all(self.port, (make() for _ in range(count)), AT_ONCE)
        return [msgspec.json.decode(body) for body in bodies]

    async def post_all(self, paths: Sequence[str]) -> list[bytes]:
        """Send an empty POST to each path, as headquarters."""
        return await send_all(self.port, [poster(path, token=self.token)() for path in paths], AT_ONCE)


@asynccontextmanager
async def started(database: str | None = None, settings: Mapping[str, str] = DEFAULTS) -> AsyncIterator[Bench]:
    """Start a service (over SQLite, or the database named) and the bare app; both are gone afterwards."""
    with TemporaryDirectory(prefix="o2o-bench-") as folder:
        async with (
            own_service(database, settings=settings) as service,
            bare_service(folder) as bare,
            AsyncClient(base_url=service.url, trust_env=False, timeout=30) as hq,
        ):
            answer = await hq.post("/api/v1/session", json={"username": "hq", "password": PASSWORD})
            token = answer.raise_for_status().json()["token"]
            hq.headers["Authorization"] = f"Bearer {token}"
            yield Bench(service, urlsplit(service.url).port or 0, bare, hq, token)


def taking(hall: str) -> Callable[[], bytes]:
    """Give what makes requests for numbers of the hall, one after the other."""
    return poster(f"/api/v1/halls/{hall}/tickets", {"service": "sim"})


def _description(hall: str, counters: int) -> dict[str, Any]:
    return {
        "name": hall,
        "capacity": None,
        "services": [{"id": "sim", "prefix": "A", "name": "SIM cards"}],
        "counters": [{"id": f"{hall}-{n}", "name": str(n)} for n in range(1, counters + 1)],
    }

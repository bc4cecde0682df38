"""A process that goes says so first, serves whoever still comes, and then goes in order."""

import asyncio
from pathlib import Path

from tests.installation import PATIENCE_S, Installation
from tests.stack import stack


async def test_after_sigterm_it_serves_on_while_it_says_that_it_is_not_ready(tmp_path: Path) -> None:
    told = {**stack.demo(tmp_path), "O2O_WORKERS": "1", "O2O_DRAIN_SECONDS": "60"}
    installed = Installation(tmp_path, **told)
    async with installed.serving() as process, installed.client() as client:
        process.terminate()
        async with asyncio.timeout(PATIENCE_S):
            while (ready := await client.get("/readyz")).is_success:
                await asyncio.sleep(0.05)
            hall = await client.get("/api/v1/halls/nankai")
            process.terminate()
            await process.wait()

    assert (ready.status_code, ready.json()) == (503, {"ready": False, "sql": True, "redis": True, "draining": True})
    assert hall.status_code == 200
    assert '"event":"draining"' in installed.log.read_text().replace(" ", "")

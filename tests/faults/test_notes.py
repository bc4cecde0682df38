"""A note that can't be written keeps nobody from reading."""

import logging
from pathlib import Path

import pytest

from o2o.app import routes
from o2o.kernel.database import connection
from tests.serving import add_halls, add_people, serve

FULL = "CREATE TRIGGER full BEFORE UPDATE ON sessions BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"


@pytest.mark.sqlite
async def test_staff_read_on_although_their_session_can_not_be_touched(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(tmp_path, routes()) as service:
        await add_halls(service, "heping")
        await add_people("manager")
        manager = await service.signed_in("manager")
        await connection().execute_script(FULL)
        service.clock.advance(minutes=10)

        with caplog.at_level(logging.WARNING, "staff.sessions"):
            answer = await manager.get("/manage/heping")

    assert answer.status_code == 200
    assert "use_not_noted" in {record.getMessage() for record in caplog.records}

"""A data folder serves one process with an embedded Redis, and others learn where that listens."""

from pathlib import Path

import pytest

from o2o.kernel.claim import FolderInUseError, embedded_url
from o2o.kernel.redis import open_redis


async def test_a_second_embedded_redis_in_a_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("o2o.kernel.claim.TRIES", 2)

    async with open_redis(None, tmp_path):
        with pytest.raises(FolderInUseError, match="another o2o serves from"):
            async with open_redis(None, tmp_path):
                pass


async def test_others_learn_where_it_listens_while_it_does(tmp_path: Path) -> None:
    assert embedded_url(tmp_path) is None

    async with open_redis(None, tmp_path) as redis:
        assert embedded_url(tmp_path) == redis.url

    assert embedded_url(tmp_path) is None


async def test_a_folder_is_claimed_again_after_its_service_went(tmp_path: Path) -> None:
    for _ in range(2):
        async with open_redis(None, tmp_path) as redis:
            assert await redis.read.ping()


async def test_a_folder_that_is_not_there_serves_nobody(tmp_path: Path) -> None:
    assert embedded_url(tmp_path / "nowhere") is None

"""What libraries work out anew for each connection and each database, worked out once for a process of the tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from redis import utils
from tortoise.models import MetaInfo


@contextmanager
def repeated_once() -> Iterator[None]:
    """While the block runs, redis-py reads its own version once, and a model has its 300 filters once a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils, "get_lib_version", cache(utils.get_lib_version))
        patch.setattr(MetaInfo, "_generate_filters", _once(MetaInfo._generate_filters))
        yield


def _once(generate: Callable[[MetaInfo], None]) -> Callable[[MetaInfo], None]:
    """The filters hang on the kind of database, and on which fields there are: relations add some."""
    made: dict[MetaInfo, tuple[type, int]] = {}

    def generating(meta: MetaInfo) -> None:
        wanted = meta.db.executor_class, len(meta._filters)
        if made.get(meta) != wanted:
            generate(meta)
            made[meta] = wanted

    return generating

"""What one act, read, frame and hall costs: the figures that the model reckons with."""

from typing import Final

import msgspec

SEARCHED: Final = 20_000
"""Among so many halls the nearest were found to measure it."""


class Costs(msgspec.Struct, frozen=True):
    """Microseconds of CPU where the name says nothing else. An act is one change of a line, asked for over HTTP.

    `bare_us` is a POST to a bare Starlette app in the same run, to compare machines by.
    """

    bare_us: float
    act_service_us: float
    act_redis_us: float
    act_sql_us: float
    commit_ms: float
    wal_bytes: float
    sql_bytes: float
    read_service_us: float
    read_redis_us: float
    display_frame_us: float
    phone_frame_us: float
    connect_us: float
    idle_socket_us: float
    socket_kib: float
    heard_us: float
    deliver_us: float
    settle_hall_us: float
    finder_us: float
    finding_us: float
    order_service_us: float
    order_redis_us: float
    order_sql_us: float
    order_wal_bytes: float
    order_sql_bytes: float
    order_events: float
